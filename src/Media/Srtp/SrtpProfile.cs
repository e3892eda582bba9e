namespace Sfu.Media.Srtp;

/// <summary>SRTP protection profiles as DTLS-SRTP numbers them (RFC 5764 section 4.1.2, RFC 7714 section 14.2).</summary>
public enum SrtpProfile
{
    /// <summary>SRTP_AES128_CM_HMAC_SHA1_80: 10 byte tag; always offered.</summary>
    Aes128CmHmacSha1Tag80 = 0x0001,

    /// <summary>SRTP_AEAD_AES_128_GCM: 16 byte tag; first choice.</summary>
    AeadAes128Gcm = 0x0007,

    /// <summary>SRTP_AEAD_AES_256_GCM: 16 byte tag; second choice.</summary>
    AeadAes256Gcm = 0x0008,
}

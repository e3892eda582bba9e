namespace Sfu.Media.Tests.Rtcp;

/// <summary>Bytes from hexadecimal text with blanks.</summary>
internal static class Hex
{
    public static byte[] Bytes(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}

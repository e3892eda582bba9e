namespace Sfu.Recorder.Evidence;

/// <summary><c>keys.json</c>: public keys of the signers, signed by the root (docs/evidence.md section 5).</summary>
/// <param name="V">Always <c>sfu-keys/1</c>.</param>
/// <param name="Root">Id of the root key.</param>
/// <param name="Keys">The signers' keys.</param>
public sealed record KeyList(string V, string Root, IReadOnlyList<KeyEntry> Keys);

/// <summary>One signer's public key.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Alg">Always <c>ES256</c>: ECDSA P-256 with SHA-256.</param>
/// <param name="Pem">SubjectPublicKeyInfo in PEM, exactly as in <c>keys/ID.pem</c>.</param>
/// <param name="NotBefore">It signs nothing before.</param>
/// <param name="NotAfter">It signs nothing after.</param>
public sealed record KeyEntry(string Id, string Alg, string Pem, string NotBefore, string NotAfter);

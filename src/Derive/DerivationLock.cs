namespace Sfu.Derive;

/// <summary>Keeps two runs of one derivation apart: a server that was killed and started again asks anew while the old run still ends.</summary>
internal sealed class DerivationLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Interval = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _file;

    private DerivationLock(FileStream file) => _file = file;

    /// <summary>Waits until nobody else has it.</summary>
    /// <param name="root">The folder <c>derived</c> of the recording; made when it is not there.</param>
    /// <param name="id">The derivation.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <exception cref="IOException">Somebody else works on it and does not end.</exception>
    public static DerivationLock Take(string root, string id, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        string path = Path.Combine(root, Path.GetFileName(id) + ".lock");
        long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new DerivationLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
            }
            catch (IOException) when (File.Exists(path) && Environment.TickCount64 < until)
            {
                cancel.WaitHandle.WaitOne(Interval);
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

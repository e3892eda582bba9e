using System.Security.Cryptography;
using Sfu.Hosting;

namespace Sfu.Security;

/// <summary>The secret of a development server: made once, 32 random bytes, kept in the data directory for its owner's eyes only.</summary>
public static class DevelopmentSecret
{
    /// <summary>Name of the development server's API key.</summary>
    public const string KeyName = "devkey";

    /// <summary>Name of the file in the data directory.</summary>
    public const string FileName = "development.secret";

    private const int RandomBytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the secret, or makes it when there is none.</summary>
    /// <exception cref="StartUpException">The folder cannot be written, or the file holds no secret.</exception>
    public static ApiKey LoadOrCreate(string dataDirectory)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("Sfu runs on Linux.");
        string file = Path.Combine(dataDirectory, FileName);
        try
        {
            Directory.CreateDirectory(dataDirectory, OwnerOnly | UnixFileMode.UserExecute);
            if (!File.Exists(file)) Create(file);
            if (File.GetUnixFileMode(file) != OwnerOnly) File.SetUnixFileMode(file, OwnerOnly);
            string text = File.ReadAllText(file).Trim();
            if (text.Length < ApiKey.MinSecretLength)
            {
                throw new StartUpException(ExitCode.Configuration, $"'{file}' holds no secret of {ApiKey.MinSecretLength} characters; delete it, the server makes a new one.");
            }

            return new ApiKey(KeyName, new Secret(text), ApiKey.DefaultTenant);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartUpException(ExitCode.Configuration, $"Sfu:DataDirectory is '{dataDirectory}', which cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Writes under a name of its own first: a crash leaves no empty secret, and of two servers that start at once one wins.</summary>
    private static void Create(string file)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("Sfu runs on Linux.");
        string draft = $"{file}.{RandomNumberGenerator.GetHexString(16)}";
        using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(2 * RandomBytes, lowercase: true) + "\n"));
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft); // the other server's secret counts
        }
    }
}

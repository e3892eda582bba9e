namespace Sfu.Router.Transport;

/// <summary>Hears of the user name fragments that a worker begins and ceases to serve.</summary>
internal interface IUfragDirectory
{
    /// <summary>From now on this worker serves the fragment.</summary>
    void Add(string ufrag);

    /// <summary>This worker no longer serves the fragment.</summary>
    void Remove(string ufrag);
}

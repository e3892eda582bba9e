namespace Sfu.Router.Transport;

/// <summary>Whether equal packets for one receiver leave in one system call entry that the kernel or the NIC cuts apart.</summary>
public enum SegmentationMode
{
    /// <summary>Used where the start-up probe shows that it works; the default.</summary>
    Auto = 0,

    /// <summary>Never: one message per packet.</summary>
    Off,
}

namespace Sfu.Recorder.Evidence;

/// <summary>Spelling and meaning of causes.</summary>
public static class GapCauses
{
    private static readonly string[] Names = ["wire_loss", "sender_mute", "dtx", "paused", "consent_pending", "ice_disconnect", "recorder_fault", "redacted"];

    /// <summary>As manifests spell it.</summary>
    public static string Name(this GapCause cause) => Names[(int)cause];

    /// <summary>True when something that was sent is not there although it should be.</summary>
    public static bool IsLoss(this GapCause cause) => cause is GapCause.WireLoss or GapCause.IceDisconnect or GapCause.RecorderFault;
}

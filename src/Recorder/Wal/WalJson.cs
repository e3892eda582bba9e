using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Recorder.Wal;

/// <summary>How the frames of the log are written as JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WalHead))]
[JsonSerializable(typeof(OpenedState))]
internal sealed partial class WalJson : JsonSerializerContext;

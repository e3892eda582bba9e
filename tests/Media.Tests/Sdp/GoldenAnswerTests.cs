using Sfu.Media.Sdp;

namespace Sfu.Media.Tests.Sdp;

public sealed class GoldenAnswerTests
{
    public static TheoryData<string> Offers() => [.. SdpVectors.Offers()];

    [Theory]
    [MemberData(nameof(Offers))]
    public void Build_RecordedOffer_GivesRecordedAnswer(string name)
    {
        string answer = Negotiate.Answer(Negotiate.View(SdpVectors.Read(name))).Description.ToString();

        string path = Path.Combine(SdpVectors.Folder, name.Replace("offer-", "answer-", StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("SFU_UPDATE_VECTORS") == "1") File.WriteAllText(path, answer);
        Assert.Equal(File.ReadAllText(path), answer);
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Build_RecordedOffer_AnswerReadsBackAsWritten(string name)
    {
        SessionDescription answer = Negotiate.Answer(Negotiate.View(SdpVectors.Read(name))).Description;

        Assert.Equal(answer.ToString(), Negotiate.Parse(answer.ToString()).ToString());
    }
}

using CsCheck;
using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>A client whose answers get lost, against the room: it can always come back, and nobody can with what it no longer needs.</summary>
public sealed class ResumeSecretTests
{
    private enum Step
    {
        ResumeAnswered,
        ResumeLost,
        Message,
        LateWord,
    }

    [Fact]
    public void Resume_AnyLossOfAnswers_TakesWhatTheClientKnowsAndNothingElseButTheNewest()
    {
        int lostInARow = 0, confirmed = 0;
        Gen.Int[0, 3].Select(step => (Step)step).Array[1, 40].Sample(steps =>
        {
            StateBuilder room = new StateBuilder().Open();
            Participant ann = room.Join("ann");
            List<string> made = [ann.SecretHash];
            string known = ann.SecretHash, shown = "";
            int lost = 0;
            foreach (Step step in steps)
            {
                switch (step)
                {
                    case Step.ResumeAnswered or Step.ResumeLost:
                        made.Add($"secret{made.Count}");
                        Assert.Null(Show(room, ann, known, made[^1]).Error);
                        room.Do(Show(room, ann, known, made[^1]));
                        shown = known;
                        lost = step == Step.ResumeLost ? lost + 1 : 0;
                        if (step == Step.ResumeAnswered) known = made[^1];
                        lostInARow = Math.Max(lostInARow, lost);
                        break;
                    case Step.Message when known == made[^1]: // only who got joined sends more
                        room.Do(Admission.Confirm(room.State, ann.Session, known));
                        shown = "";
                        confirmed++;
                        break;
                    case Step.LateWord: // about a secret that was replaced since
                        if (made.Count > 1) Assert.Empty(Admission.Confirm(room.State, ann.Session, made[^2]).Events);
                        break;
                }

                string[] good = [.. made.Where(secret => Show(room, ann, secret, "x").Error is null)];
                Assert.Equal(made.Where(secret => secret == made[^1] || secret == shown), good);
                Assert.Contains(known, good);
                Assert.InRange(good.Length, 1, 2);
            }
        });
        Assert.True(lostInARow > 2 && confirmed > 100, $"{lostInARow} {confirmed}");
    }

    [Fact]
    public void SessionResumed_OfALogOfBefore_HasNoPredecessor()
    {
        RoomEvent read = Sfu.Rooms.Storage.RoomJson.ReadEvent("""{"kind":"session_resumed","participant":"PA_1","secretHash":"h","node":"N"}""");
        Assert.Equal(new SessionResumed(new("PA_1"), "h", "N", ""), read);
    }

    private static Decision Show(StateBuilder room, Participant ann, string secret, string next) =>
        Admission.Resume(room.State, new ResumeRequest(ann.Session, secret, next, room.State.Seq, TestData.Node));
}

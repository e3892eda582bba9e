using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Workers;

public sealed class RoomTableTests
{
    [Fact]
    public void AnyOperations_KeepSlotsDenseAndDistinct() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 12]).Array[0, 150].Sample(operations =>
        {
            var table = new RoomTable();
            Dictionary<int, HostedRoom> model = [];
            HashSet<int> touched = [];
            int most = 0;
            foreach ((int what, int number) in operations)
            {
                var id = new RoomId(number);
                bool isKnown = model.TryGetValue(number, out HostedRoom? room);
                if (what < 2 && !isKnown) model[number] = table.Add(id, Router(id));
                else if (what == 2 && isKnown)
                {
                    table.Remove(room!);
                    model.Remove(number);
                    touched.Remove(number);
                    room!.Router.Dispose();
                }
                else if (what == 3 && isKnown)
                {
                    table.Touch(room!);
                    touched.Add(number);
                }

                most = Math.Max(most, model.Count);
                Assert.Equal(model.Count, table.Count);
                Assert.Equal(model.Values.OrderBy(r => r.Slot), table.All);
                Assert.All(model.Values, r => Assert.InRange(r.Slot, 0, most - 1));
                Assert.All(model.Values, r => Assert.Same(r, table[r.Slot]));
                Assert.Equal(touched.Order(), table.Touched.ToArray().Select(r => (int)r.Id.Value).Order());
            }

            table.ClearTouched();
            Assert.All(model.Values, r => Assert.False(r.IsTouched));
            foreach (HostedRoom room in model.Values) room.Router.Dispose();
        });

    private static RoomRouter Router(RoomId id) => new(
        id, new RoomContext(new EventOutbox(), new RouterCounters(), new NothingQueued(), new RoomIndex(), new WallClockAnchor(MediaTime.Zero, 0), 1));

    private sealed class NothingQueued : IPacketOutput
    {
        public long Epoch => 0;

        public void SendRtp(int slot, in OutgoingRtp packet)
        {
        }

        public void SendRtcp(int slot, ReadOnlySpan<byte> compound)
        {
        }

        public void Drain()
        {
        }
    }
}

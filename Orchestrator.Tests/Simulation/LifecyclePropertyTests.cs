using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Simulation;

/// <summary>Any events in any order, late and repeated ones and those of stale runs included, beside a second lifecycle that is written down here as one function.</summary>
[Trait("Requirement", "OWN-1")]
[Trait("Requirement", "OWN-2")]
[Trait("Requirement", "JOB-3")]
[Trait("Requirement", "JOB-4")]
public sealed class LifecyclePropertyTests(Machine machine) : IClassFixture<Machine>
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] OfRuns =
    [
        nameof(Spawned), nameof(Adopted), nameof(WorkEnded), nameof(WorkDone), nameof(WillRetry), nameof(BackedOff), nameof(PutOnHold), nameof(WorkFailed), nameof(WorkCancelled),
        nameof(HandedBack), nameof(RunLost), nameof(Quarantined), PlainDone,
    ];

    private static readonly string[] OfOthers =
        [nameof(Enqueued), nameof(Claimed), nameof(ClaimRefused), nameof(Obstructed), nameof(Healed), nameof(Released), nameof(CancelAsked), nameof(RetryAsked)];

    /// <summary>A success that is computed on the row as it was when it was claimed, so that the guard of the write alone is the fence.</summary>
    private const string PlainDone = nameof(PlainDone);

    // Claims more often than the rest: most of what is interesting needs an owner.
    private static readonly Gen<Step> Steps =
        from name in Gen.Frequency((6, Gen.Elements(OfRuns)), (4, Gen.Elements(OfOthers)), (3, Gen.Constant(nameof(Claimed))))
        from back in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 4)))
        from detail in Gen.Choose(0, 3)
        select new Step(name, back, detail);

    [Fact]
    public void Any_interleaving_is_what_a_second_lifecycle_says() =>
        Prop.ForAll(
            Arb.From(Steps.ArrayOf().Select(steps => new Story(steps)), Shorter),
            story => new Play(machine).Run(story)).Check(Chance.Properties.WithMaxTest(4000).WithStartSize(2).WithEndSize(60));

    private static IEnumerable<Story> Shorter(Story story)
    {
        for (var length = story.Steps.Length / 2; length >= 1; length /= 2)
        {
            for (var from = 0; from + length <= story.Steps.Length; from += length)
                yield return new Story([.. story.Steps[..from], .. story.Steps[(from + length)..]]);
        }
    }

    /// <param name="Name">What happens.</param>
    /// <param name="Back">Which run says so: 0 the newest, 1 the one before it, and so on.</param>
    /// <param name="Detail">Which of several kinds.</param>
    private sealed record Step(string Name, int Back, int Detail)
    {
        public override string ToString() => OfRuns.Contains(Name) ? $"{Name}({Detail}) by run newest-{Back}" : $"{Name}({Detail})";
    }

    private sealed record Story(Step[] Steps)
    {
        public override string ToString() => $"{Steps.Length} steps\n  " + string.Join("\n  ", Steps.Select((step, i) => $"{i + 1}. {step}"));
    }

    /// <summary>What is compared of a row.</summary>
    private sealed record Row(
        string State, long? Run = null, Guid? Node = null, string? Host = null, int? Pid = null, long? PidStart = null, DateTimeOffset? StartedAt = null, long? ProcessRun = null,
        int Attempts = 0, int Transient = 0, int Losses = 0, string? HeldFor = null, bool Ended = false, string? Obstacle = null, bool Cancel = false, bool Due = true, string? Failure = null)
    {
        public static Row Of(Job job) => new(
            job.State, job.RunId, job.OwnerNode, job.OwnerHost, job.OwnerPid, job.OwnerProcessStart, job.StartedAt, job.ProcessRun, job.Attempts, job.TransientAttempts,
            job.Losses, job.HeldFor, job.EndedAt is not null, job.Obstacle, job.CancelRequestedAt is not null, job.Due, job.Failure);

        public Row Queued() => this with { State = "Queued", Run = null, Node = null, Host = null, Pid = null, PidStart = null, StartedAt = null, ProcessRun = null, HeldFor = null, Cancel = false };

        /// <summary>Entering Held forgets the owner and a cancel with it; leaving it forgets the hold.</summary>
        public Row Held(string reason) => Queued() with { State = "Held", HeldFor = reason };

        public Row End(string state) => this with { State = state, Ended = true, HeldFor = null };
    }

    /// <summary>The second lifecycle: null where the event is late or refused.</summary>
    private static Row? Next(Row row, object @event, int maxAttempts)
    {
        var (initial, queued, running, held) = (row.State == "Initial", row.State == "Queued", row.State == "Running", row.State == "Held");
        var owned = running || row.State == "Finalizing";
        return @event switch
        {
            Enqueued e when initial => row.Queued() with { Due = e.Due },
            Claimed e when queued => row with
            {
                State = "Running", Run = e.RunId, Node = e.Node.Id, Host = e.Node.Host, Pid = e.InProcess ? e.Node.Pid : null, PidStart = e.InProcess ? e.Node.ProcessStart : null,
                StartedAt = e.At, ProcessRun = null, Obstacle = null, Cancel = false,
            },
            ClaimRefused or Healed when queued => row,
            Obstructed e when queued => row with { Obstacle = e.Obstacle },
            Spawned e when running => row with { Pid = e.Pid, PidStart = e.ProcessStart, ProcessRun = row.Run },
            Adopted e when owned => row with { Run = e.RunId, Node = e.Node.Id },
            WorkEnded when running => row with { State = "Finalizing" },
            WorkDone when owned => row.End("Succeeded") with { Failure = null },
            WillRetry when owned => row.Queued() with { Attempts = row.Attempts + 1, Failure = "Work", Due = false },
            WorkFailed when owned => row.End("Failed") with { Attempts = Math.Min(row.Attempts + 1, maxAttempts), Failure = "Work" },
            WorkCancelled when owned => row.End("Cancelled"),
            BackedOff e when owned => row.Queued() with { Transient = row.Transient + 1, Failure = e.Failure.ToString(), Due = false },
            PutOnHold e when owned => row.Held(e.For.ToString()) with { Transient = row.Transient + (e.For == HoldReason.Transient ? 1 : 0), Failure = e.Failure.ToString() },
            HandedBack when owned => row.Queued(),
            RunLost e when owned => row.Queued() with { Losses = row.Losses + 1, Failure = "Lost", Due = e.AvailableAt is null && row.Due },
            Quarantined when owned => row.Held("Lost") with { Losses = row.Losses + 1, Failure = "Lost" },
            CancelAsked when owned => row with { Cancel = true },
            CancelAsked when queued || held => row.End("Cancelled") with { Obstacle = null },
            Released when held => row.Queued() with { Transient = 0, Due = true },
            RetryAsked when held || row.State is "Failed" or "Cancelled" => row.Queued() with { Attempts = 0, Transient = 0, Losses = 0, Failure = null, Ended = false, Due = true },
            _ => null,
        };
    }

    private sealed class Play(Machine machine)
    {
        private readonly List<(long Run, Job Copy)> _runs = [];
        private readonly NodeIdentity[] _nodes = [new(new Guid(1, 0, 0, new byte[8]), "host", "one", 11, 1100), new(new Guid(2, 0, 0, new byte[8]), "host", "two", 12, 1200)];
        private Job _stored = new() { CorrelationId = new Guid(7, 0, 0, new byte[8]), Lane = "work", SubmittedAt = Start, AvailableAt = Start, MaxAttempts = 3 };
        private long _nextRun = 100;
        private DateTimeOffset _now = Start;

        public bool Run(Story story)
        {
            for (var i = 0; i < story.Steps.Length; i++)
            {
                _now += TimeSpan.FromSeconds(1);
                var step = story.Steps[i];
                var before = Row.Of(_stored);
                var (@event, fenced) = Happen(step);
                Check(i, step, before, @event, fenced);
            }

            return true;
        }

        /// <returns>What was raised, and whether a fence kept it from the row.</returns>
        private (object Event, bool Fenced) Happen(Step step)
        {
            var @event = EventOf(step);
            var token = _runs.Count == 0 ? 0 : _runs[Math.Max(0, _runs.Count - 1 - step.Back)].Run;
            var isOwned = _stored.State is "Running" or "Finalizing";
            if (OfRuns.Contains(step.Name) && step.Name != PlainDone && isOwned && _stored.RunId != token)
                return (@event, true); // lock_run finds no row

            var job = step.Name == PlainDone && token != 0 ? Machine.Copy(_runs.Last(r => r.Run == token).Copy) : Machine.Copy(_stored);
            var (state, run) = (job.State, job.RunId);
            var applied = machine.Apply(job, @event);
            if (!applied)
                return (@event, false);
            if (_stored.State != state || _stored.RunId != run)
                return (@event, true); // the guard of the write finds no row
            _stored = job;
            if (@event is Claimed or Adopted)
                _runs.Add((job.RunId!.Value, Machine.Copy(job)));
            return (@event, false);
        }

        private object EventOf(Step step) => step.Name switch
        {
            nameof(Enqueued) => new Enqueued(step.Detail > 0),
            nameof(Claimed) => new Claimed(_nodes[step.Detail % 2], _nextRun++, _now, step.Detail < 2),
            nameof(ClaimRefused) => new ClaimRefused(),
            nameof(Obstructed) => new Obstructed(step.Detail == 0 ? null : $"gate {step.Detail}", _now),
            nameof(Healed) => new Healed(),
            nameof(Spawned) => new Spawned(50 + step.Detail, 5000),
            nameof(Adopted) => new Adopted(_nodes[step.Detail % 2], _nextRun++),
            nameof(WorkEnded) => new WorkEnded(_now),
            nameof(WorkDone) or PlainDone => new WorkDone(null, _now),
            nameof(WillRetry) => new WillRetry("again", _now.AddMinutes(1)),
            nameof(BackedOff) => new BackedOff(step.Detail > 1 ? FailureClass.RateLimited : FailureClass.Transient, "busy", _now.AddMinutes(1)),
            nameof(PutOnHold) => new PutOnHold((HoldReason)step.Detail, FailureClass.Environment, "held"),
            nameof(WorkFailed) => new WorkFailed("broken", _now),
            nameof(WorkCancelled) => new WorkCancelled(_now),
            nameof(HandedBack) => new HandedBack("stopping"),
            nameof(RunLost) => new RunLost("died", step.Detail > 1 ? _now.AddMinutes(1) : null),
            nameof(Quarantined) => new Quarantined("died too often"),
            nameof(Released) => new Released(_now),
            nameof(CancelAsked) => new CancelAsked("not needed", _now),
            _ => new RetryAsked(_now),
        };

        private void Check(int index, Step step, Row before, object @event, bool fenced)
        {
            var after = Row.Of(_stored);
            var isPlain = step.Name == PlainDone && _runs.Count > 0;
            var from = before;
            if (isPlain && !fenced && after != before)
                from = Row.Of(_runs.Last(r => r.Run == before.Run).Copy); // it leaves the row as it was claimed
            var expected = fenced || (isPlain && after == before) ? before : Next(from, @event, _stored.MaxAttempts) ?? before;
            Must(after == expected, $"the row is\n    {after}\n  and the second lifecycle says\n    {expected}");

            var owned = after.State is "Running" or "Finalizing";
            var owner = (after.Run, after.Node, after.Host, after.StartedAt);
            Must(owned ? owner is ({ }, { }, { }, { }) : after.State != "Queued" || (owner is (null, null, null, null) && (after.Pid, after.PidStart, after.ProcessRun) is (null, null, null)), "owned is not Running or Finalizing");
            Must(after.State == "Held" == after.HeldFor is not null, "Held is not HeldFor");
            Must(after.State is "Succeeded" or "Failed" or "Cancelled" == after.Ended, "EndedAt is not ended");
            Must(!before.Ended || after == before || (@event is RetryAsked && before.State is "Failed" or "Cancelled"), "an ended job moved");
            Must(after.Attempts <= before.Attempts || @event is WillRetry or WorkFailed, "an attempt was charged for what was no failure of the work");
            Must(after.Transient <= before.Transient || @event is BackedOff or PutOnHold { For: HoldReason.Transient }, "the transient budget was charged");
            Must(after.Losses <= before.Losses || @event is RunLost or Quarantined, "a loss was counted");
            Must(after.Obstacle is null || after.State == "Queued", "an obstacle stands on a job that is not queued");
            Must(!fenced || after == before, "a stale run changed the row");

            void Must(bool holds, string otherwise)
            {
                if (!holds)
                    Assert.Fail($"Step {index + 1}, {step}, on\n    {before}\n  : {otherwise}.");
            }
        }
    }
}

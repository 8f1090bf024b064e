using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Batching;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Claim;

/// <summary>Claims jobs for this node: many at once in one short transaction. Of any number of claimers of a job exactly one wins.</summary>
internal sealed class Claims : IAsyncDisposable
{
    private static readonly (ClaimAnswer, Job?) NotThere = (ClaimAnswer.NotThere, null);

    private readonly NpgsqlDataSource _database;
    private readonly Transitions _transitions;
    private readonly NodeLease _lease;
    private readonly WorkSignal _signal;
    private readonly RunningJobs _running;
    private readonly Lanes _lanes;
    private readonly Preflights _preflights;
    private readonly Obstacles _obstacles;
    private readonly TimeProvider _time;
    private readonly Batches<(Guid Job, Lane Lane), (ClaimAnswer, Job?)> _batches;

    public Claims(NpgsqlDataSource database, Transitions transitions, NodeLease lease, WorkSignal signal, RunningJobs running, Lanes lanes, Preflights preflights, Obstacles obstacles, TimeProvider time)
    {
        (_database, _transitions, _lease, _signal, _running, _lanes, _preflights, _obstacles, _time) = (database, transitions, lease, signal, running, lanes, preflights, obstacles, time);
        _batches = new(size: 100, parallel: 2, ClaimAsync);
    }

    /// <returns>The job if it was won, stamped with this node and a new run id.</returns>
    public Task<(ClaimAnswer Answer, Job? Job)> ClaimAsync(Guid job, Lane lane) => _batches.Add((job, lane));

    /// <summary>Claims up to <paramref name="most"/> ready jobs of a lane that no wake-up was sent for. They are expected in its line from here on.</summary>
    /// <returns>The jobs that were won; their wake-ups are to be sent now, and what can't be sent is to be handed back.</returns>
    public async Task<IReadOnlyList<Job>> ClaimReadyAsync(Lane lane, int most, CancellationToken cancellation)
    {
        var carried = new Dictionary<Guid, IDisposable>();
        try
        {
            var answers = await ClaimAsync(connection => JobLedger.LockReadyForClaimAsync(connection, lane.Name, most, cancellation),
                job => carried.Add(job.Id, _running.Carry(job.Id)), cancellation);
            var won = answers.Values.Select(answer => answer.Item2).OfType<Job>().ToList();
            foreach (var job in won)
                lane.Line.Expect(job, carried[job.Id]);
            return won;
        }
        catch
        {
            foreach (var handle in carried.Values)
                handle.Dispose(); // if the commit arrived all the same, StrandedRuns finds them
            throw;
        }
    }

    public ValueTask DisposeAsync() => _batches.DisposeAsync();

    private async Task<IReadOnlyList<(ClaimAnswer, Job?)>> ClaimAsync(IReadOnlyList<(Guid Job, Lane Lane)> asked, CancellationToken cancellation)
    {
        var ahead = asked.Select(a => a.Lane).Distinct().SelectMany(lane => lane.Line.TakeAhead(lane.Options).Select(place => (Place: place, Lane: lane.Name))).ToList();
        try
        {
            var answers = await ClaimAsync([.. asked.Select(a => (a.Job, a.Lane.Name)), .. ahead.Select(a => (a.Place.JobId, a.Lane))], [.. asked.Select(a => a.Lane.Name).Distinct()], cancellation);

            // Two messages of one job may stand in one batch: the first has the answer, and the other finds nothing any more.
            var results = asked.Select(a => answers.Remove((a.Job, a.Lane.Name), out var answer) ? answer : NotThere).ToList();
            foreach (var (place, lane) in ahead)
                place.Answer(answers.Remove((place.JobId, lane), out var answer) ? answer : NotThere);
            return results;
        }
        catch (Exception exception)
        {
            foreach (var (place, _) in ahead)
                place.Fail(exception);
            throw;
        }
    }

    private async Task<Dictionary<(Guid Job, string Lane), (ClaimAnswer, Job?)>> ClaimAsync(IReadOnlyList<(Guid Job, string Lane)> jobs, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var answers = await ClaimAsync(connection => JobLedger.LockForClaimAsync(connection, [.. jobs.Distinct()], names, cancellation), static _ => { }, cancellation);
        foreach (var lane in names)
            _signal.Freed(lane);
        return answers;
    }

    /// <param name="lockRows">Locks the rows to be claimed and reads their lanes.</param>
    /// <param name="winning">Told of each job that is about to be won, before the commit.</param>
    /// <param name="cancellation">Ends the call.</param>
    private async Task<Dictionary<(Guid Job, string Lane), (ClaimAnswer, Job?)>> ClaimAsync(
        Func<NpgsqlConnection, Task<(List<Candidate> Candidates, Dictionary<string, LaneDoor> Doors)>> lockRows, Action<Job> winning, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        var (candidates, doors) = await lockRows(connection);
        var lanes = await LaneStatesAsync(connection, candidates, doors, cancellation);
        var obstructed = _obstacles.Any ? await _obstacles.FindAsync(connection, [.. candidates.Select(c => c.Job).Where(j => j.State == nameof(JobLifecycle.Queued))], cancellation) : [];

        var answers = new Dictionary<(Guid Job, string Lane), (ClaimAnswer, Job?)>(candidates.Count);
        var moved = new List<Moved>(candidates.Count);
        var events = _transitions.Collect(); // a claim publishes nothing
        foreach (var (job, runId) in candidates.OrderByDescending(c => c.Job.Priority))
        {
            var lane = lanes[job.Lane];
            var obstacle = obstructed.GetValueOrDefault(job.Id);
            var answer = ClaimDecision.Decide(job, lane.Door, lane.Running, _lease.IsHeld && obstacle is null && _preflights.Passed(job.Lane) && !_lanes.Of(job.Lane).IsForewarned, now);
            var (leftState, leftRun) = (job.State, job.RunId);
            var taken = answer switch
            {
                ClaimAnswer.Won => await _transitions.ApplyAsync(job, new Claimed(_lease.Node, runId, now, InProcess: !_lanes.IsProcess(job.Lane)), events),
                ClaimAnswer.Refused when obstacle is not null => await _transitions.ApplyAsync(job, new Obstructed(obstacle, now), events),
                ClaimAnswer.Refused => await _transitions.ApplyAsync(job, new ClaimRefused(), events),
                _ => false,
            };
            answers[(job.Id, job.Lane)] = (answer, answer == ClaimAnswer.Won ? job : null);
            if (taken)
                moved.Add(new Moved(job, leftState, leftRun));
            if (answer == ClaimAnswer.Won)
            {
                lane.Running++;
                winning(job);
            }
        }

        // A crash before this line claims nothing: the rows are as they were, and the messages come again.
        if (moved.Count > 0)
            await JobLedger.WriteAndCommitAsync(connection, moved, cancellation);
        return answers;
    }

    // Job rows are locked before lane rows, here and nowhere else, so claims can't wait for each other in a circle.
    private async Task<Dictionary<string, LaneState>> LaneStatesAsync(
        NpgsqlConnection connection, List<Candidate> candidates, Dictionary<string, LaneDoor> doors, CancellationToken cancellation)
    {
        var states = new Dictionary<string, LaneState>();
        foreach (var lane in candidates.Select(c => c.Job.Lane).Distinct().Order(StringComparer.Ordinal))
        {
            var door = doors.GetValueOrDefault(lane);
            _lanes.Watch(lane, door.Watched);
            if (door.MaxRunning is null)
            {
                states[lane] = new LaneState(door, 0);
                continue;
            }

            door = await JobLedger.LockLaneAsync(connection, lane, cancellation);
            states[lane] = new LaneState(door, await JobLedger.CountRunningAsync(connection, lane, cancellation));
        }

        return states;
    }

    private sealed class LaneState(LaneDoor door, int running)
    {
        public LaneDoor Door { get; } = door;
        public int Running { get; set; } = running;
    }
}

using System.Collections.Concurrent;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Dispatch;

/// <summary>
/// Something of the operator's own that keeps single jobs from running: an order among them, a freeze, a window of time. Asked at the dispatch and
/// again at the claim. Jobs that meet one stand aside, so that those behind them go on, and are asked about again with each dispatch.
/// </summary>
public interface IObstacle
{
    /// <summary>Its name, as <c>GET /jobs/{id}/why</c> shows it.</summary>
    string Name { get; }

    /// <param name="connection">Its transaction holds the jobs' locks; what is read here is seen by nobody else's half-done writes. No write, nothing slow.</param>
    /// <param name="jobs">Queued jobs of one lane, in the order that binds.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The jobs that may not run now, each with a sentence why. What throws here stops the lane's dispatch until the next try.</returns>
    Task<IReadOnlyDictionary<Guid, string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation);
}

/// <summary>All obstacles that are registered.</summary>
internal sealed class Obstacles(IEnumerable<IObstacle> all, Transitions transitions, TimeProvider time)
{
    private const int Asked = 200;

    private readonly IReadOnlyList<IObstacle> _all = [.. all];
    private readonly ConcurrentDictionary<string, long> _looked = new(StringComparer.Ordinal);

    public bool Any => _all.Count > 0;

    /// <summary>The first obstacle of each job that has one.</summary>
    public async Task<Dictionary<Guid, string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, string>();
        if (jobs.Count == 0)
            return found;
        foreach (var obstacle in _all)
        {
            foreach (var (job, why) in await obstacle.FindAsync(connection, jobs, cancellation))
                found.TryAdd(job, Reason.Storable($"{obstacle.Name}: {why}"));
        }

        return found;
    }

    /// <summary>Looks again at what stood aside, and puts aside what meets an obstacle now.</summary>
    /// <returns>Those of the picked jobs that may go, in their order.</returns>
    public async Task<IReadOnlyList<Guid>> PassAsync(NpgsqlConnection connection, string lane, IReadOnlyList<Guid> picked, CancellationToken cancellation)
    {
        if (!Any || picked.Count == 0)
            return picked;
        var jobs = await JobLedger.LockAsync(connection, picked, cancellation);
        var found = await FindAsync(connection, jobs, cancellation);
        await StandAsync(connection, jobs.Where(job => found.ContainsKey(job.Id)), found, cancellation);
        return [.. picked.Where(job => !found.ContainsKey(job))];
    }

    /// <summary>Lets go what stood aside for an obstacle that is gone.</summary>
    public async Task LookAgainAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation)
    {
        if (!Any)
            return;
        var behind = _looked.GetValueOrDefault(lane);
        var aside = await JobLedger.LockObstructedAsync(connection, lane, Asked, behind, cancellation);
        var further = aside.Where(job => job.Sequence > behind).Select(job => job.Sequence).Order().Take(Asked).ToList();
        _looked[lane] = further.Count == Asked ? further[^1] : 0;
        var found = await FindAsync(connection, aside, cancellation);
        await StandAsync(connection, aside.Where(job => found.GetValueOrDefault(job.Id) != job.Obstacle), found, cancellation);
    }

    private async Task StandAsync(NpgsqlConnection connection, IEnumerable<Job> jobs, Dictionary<Guid, string> found, CancellationToken cancellation)
    {
        var moved = new List<Moved>();
        var events = transitions.Collect(); // standing aside publishes nothing
        foreach (var job in jobs)
        {
            if (await transitions.ApplyAsync(job, new Obstructed(found.GetValueOrDefault(job.Id), time.GetUtcNow()), events))
                moved.Add(new Moved(job, nameof(JobLifecycle.Queued), null));
        }

        if (moved.Count > 0)
            await JobLedger.WriteAsync(connection, moved, cancellation);
    }
}

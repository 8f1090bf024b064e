using System.Globalization;
using Npgsql;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Http;

/// <summary>What keeps a job from running.</summary>
public enum WhyNot
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has ended.</summary>
    Ended,

    /// <summary>It waits for a person, or for what it lacks.</summary>
    Held,

    /// <summary>Its time has not come.</summary>
    NotDue,

    /// <summary>An operator paused its lane.</summary>
    Paused,

    /// <summary>As many of its lane run as may.</summary>
    LaneFull,

    /// <summary>A breaker is open, or half open with another job as its probe.</summary>
    Breaker,

    /// <summary>What its lane needs is missing on every host that works in it.</summary>
    Preflight,

    /// <summary>No live node works in its lane.</summary>
    NoNode,

    /// <summary>An obstacle that was registered: an order among jobs, a freeze.</summary>
    Obstacle,

    /// <summary>Its wake-up is sent: it waits for a permit of a node, or its wake-up is on its way.</summary>
    Dispatched,

    /// <summary>Nothing but others that go first.</summary>
    InLine,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">A sentence for people.</param>
/// <param name="Since">Since when, where that is known.</param>
/// <param name="Until">Until when, where that is known.</param>
public sealed record Obstruction(WhyNot Kind, string Text, DateTimeOffset? Since, DateTimeOffset? Until = null);

/// <param name="JobId">The job.</param>
/// <param name="State">Its state.</param>
/// <param name="Obstructions">All that hold it, each with its since; what is listed last is gone last only by chance.</param>
public sealed record WhyView(Guid JobId, string State, IReadOnlyList<Obstruction> Obstructions);

/// <summary>Says of one job why it is not running, from the facts by which dispatch and claim decide.</summary>
internal sealed class Why(NpgsqlDataSource database, TimeProvider time)
{
    public async Task<WhyView?> ReadAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await JobLedger.GetAsync(connection, id, cancellation) is not { } job)
            return null;
        var found = job.State switch
        {
            nameof(JobLifecycle.Queued) => await QueuedAsync(connection, job, cancellation),
            nameof(JobLifecycle.Running) or nameof(JobLifecycle.Finalizing) => [new(WhyNot.Running,
                $"It runs as run {job.RunId} on node {await WhyLedger.NodeNameAsync(connection, job.OwnerNode!.Value, cancellation) ?? job.OwnerNode.ToString()}{(job.ProcessRun is null ? "" : $", as process {job.OwnerPid}")}.", job.StartedAt)],
            nameof(JobLifecycle.Held) => [new(WhyNot.Held, $"It is held ({job.HeldFor}): {job.Reason} POST /jobs/{id}/retry releases it.", null)],
            _ => [new(WhyNot.Ended, $"It has ended as {job.State}{(job.Reason is null ? "" : $": {job.Reason}")}.", job.EndedAt)],
        };
        return new WhyView(id, job.State, found);
    }

    private async Task<List<Obstruction>> QueuedAsync(NpgsqlConnection connection, Job job, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var found = new List<Obstruction>();
        if (job.AvailableAt > now)
            found.Add(new(WhyNot.NotDue, $"It is due at {Text(job.AvailableAt)}{(job.Reason is null ? "" : $", after: {job.Reason}")}.", job.SubmittedAt, job.AvailableAt));
        if (job.Obstacle is { } obstacle)
            found.Add(new(WhyNot.Obstacle, obstacle, job.ObstacleSince));

        if (await WhyLedger.LaneAsync(connection, job.Lane, cancellation) is not { } lane)
            return [.. found, new(WhyNot.NoNode, $"No node has ever worked in lane {job.Lane}.", job.SubmittedAt)];
        if (lane.LiveNodes == 0)
            found.Add(new(WhyNot.NoNode, $"No live node works in lane {job.Lane}.", lane.LastNodeAt ?? job.SubmittedAt));
        if (lane.PausedAt is { } paused)
            found.Add(new(WhyNot.Paused, $"Lane {job.Lane} is paused{(lane.PauseReason is null ? "" : $": {lane.PauseReason}")}. POST /lanes/{job.Lane}/resume opens it.", paused));
        found.AddRange((await BreakerLedger.AllAsync(connection, cancellation)).Where(b => Concerns(b, job.Lane, lane.Credential) && b.State != BreakerState.Closed && b.ProbeJob != job.Id).Select(Of));
        if (await PreflightAsync(connection, job.Lane, cancellation) is { } preflight)
            found.Add(preflight);
        if (lane.Running >= lane.MaxRunning)
        {
            var holders = await WhyLedger.HoldersAsync(connection, job.Lane, cancellation);
            found.Add(new(WhyNot.LaneFull,
                $"{lane.Running} of {lane.MaxRunning} run in lane {job.Lane}: {string.Join(", ", holders.Select(h => $"{h.Job} on {h.Node} since {Text(h.Since)}"))}.", holders.Count == 0 ? null : holders.Max(h => h.Since)));
        }

        if (job.DispatchedAt is { } sent)
            found.Add(new(WhyNot.Dispatched, $"Its wake-up was sent by node {(job.DispatchedBy is { } by ? await WhyLedger.NodeNameAsync(connection, by, cancellation) : null) ?? "?"}: it waits for a permit there, or is on its way.", sent));
        if (found.Count == 0)
        {
            var before = await WhyLedger.BeforeAsync(connection, job, cancellation);
            found.Add(new(WhyNot.InLine, before == 0 ? "Nothing: it is the next to be sent." : $"Nothing but the {(before < 1000 ? before.ToString(CultureInfo.InvariantCulture) : "more than 1,000")} that go first.", job.AvailableAt));
        }

        return found;
    }

    private static async Task<Obstruction?> PreflightAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation)
    {
        var looks = (await PreflightLedger.AllAsync(connection, cancellation)).Where(look => look.Lane == lane).ToList();
        return looks.Count == 0 || looks.Any(look => look.Ok) ? null
            : new(WhyNot.Preflight, $"Lane {lane} is not claimed, its preflight failed{(looks.Count == 1 ? "" : $" on all {looks.Count} hosts")}: {looks[0].Detail}", looks.Max(look => look.Since));
    }

    private static bool Concerns(Breaker breaker, string lane, string? credential) => breaker.Scope == BreakerScope.Lane ? breaker.Name == lane : breaker.Name == credential;

    private static Obstruction Of(Breaker breaker) => new(WhyNot.Breaker,
        breaker.State == BreakerState.Open
            ? $"The breaker of {breaker.Scope.ToString().ToLowerInvariant()} {breaker.Name} is open until {Text(breaker.Until!.Value)}: {breaker.Reason}"
            : $"The breaker of {breaker.Scope.ToString().ToLowerInvariant()} {breaker.Name} is half open: job {breaker.ProbeJob} tries first.",
        breaker.OpenedAt, breaker.Until);

    private static string Text(DateTimeOffset at) => at.ToString("u", CultureInfo.InvariantCulture);
}

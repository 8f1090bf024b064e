using System.Text.Json;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Sweeps;
using Quartz;

namespace Orchestrator.Service.Sweeps;

/// <summary>What operators see of the sweeps and do with them. Pauses and runs stand in the database: every node answers the same.</summary>
internal sealed class SweepControl(NpgsqlDataSource database, SweepList sweeps, TimeProvider time, ISchedulerFactory? schedulers = null)
{
    /// <param name="runs">How many of the last runs of each.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<SweepsView> ReadAsync(int runs, CancellationToken cancellation)
    {
        string[] names = [.. sweeps.All.Select(sweep => sweep.Name)];
        var last = (await SweepLedger.LastRunsAsync(database, names, runs, cancellation)).ToLookup(run => run.Sweep);
        var failures = (await SweepLedger.LastFailuresAsync(database, names, cancellation)).ToDictionary(run => run.Sweep);
        var pauses = (await SweepLedger.PausesAsync(database, cancellation)).ToDictionary(pause => pause.Sweep);
        return new SweepsView(sweeps.Enabled, [.. sweeps.All.Select(sweep => new SweepView(
            sweep.Name, sweep.Interval, sweeps.Off(sweep), pauses.GetValueOrDefault(sweep.Name)?.PausedAt, pauses.GetValueOrDefault(sweep.Name)?.Reason,
            failures.TryGetValue(sweep.Name, out var failure) ? SweepRunView.Of(failure) : null, [.. last[sweep.Name].Select(SweepRunView.Of)]))]);
    }

    public SweepEntry? Find(string name) => sweeps.Find(name);

    public IEnumerable<string> Names => sweeps.All.Select(sweep => sweep.Name);

    public Task PauseAsync(SweepEntry sweep, string? reason, CancellationToken cancellation) =>
        SweepLedger.PauseAsync(database, sweep.Name, time.GetUtcNow(), reason is null ? null : Reason.Storable(reason), cancellation);

    public Task ResumeAsync(SweepEntry sweep, CancellationToken cancellation) => SweepLedger.ResumeAsync(database, sweep.Name, cancellation);

    /// <summary>Asks for a turn now, paused or not; any node may carry it out, after the one that is under way.</summary>
    /// <returns>Null if it was asked for; else the setting that switches the sweep off on this node.</returns>
    public async Task<string?> FireAsync(SweepEntry sweep, CancellationToken cancellation)
    {
        if (sweeps.Off(sweep) is { } off)
            return off;
        var scheduler = await schedulers!.GetScheduler(cancellation);
        await scheduler.TriggerJob(sweep.Key, new JobDataMap { [SweepTurn.ByHand] = "true" }, cancellation);
        return null;
    }
}

/// <param name="Enabled">Does the answering node take turns?</param>
/// <param name="Sweeps">All of this version.</param>
internal sealed record SweepsView(bool Enabled, IReadOnlyList<SweepView> Sweeps);

/// <param name="Name">As addresses have it.</param>
/// <param name="Interval">Between two turns.</param>
/// <param name="Off">The setting that switches it off on the answering node; null if it is on.</param>
/// <param name="PausedAt">Since when it takes no turns of its own, on any node; null if it does.</param>
/// <param name="PauseReason">Why.</param>
/// <param name="LastFailure">The last run in which something went wrong, or whose node died.</param>
/// <param name="Runs">The last ones, newest first.</param>
internal sealed record SweepView(
    string Name, TimeSpan Interval, string? Off, DateTimeOffset? PausedAt, string? PauseReason, SweepRunView? LastFailure, IReadOnlyList<SweepRunView> Runs);

internal sealed record SweepRunView(
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Outcome, JsonElement Done, IReadOnlyList<string> Errors, bool ByHand, Guid Node, string NodeName)
{
    public static SweepRunView Of(SweepRun run) =>
        new(run.StartedAt, run.EndedAt, run.Outcome, JsonElement.Parse(run.Done), run.Errors, run.ByHand, run.Node, run.NodeName);
}

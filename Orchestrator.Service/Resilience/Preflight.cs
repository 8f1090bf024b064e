using System.Collections.Concurrent;
using Npgsql;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Resilience;

/// <summary>A cheap look at what a lane's work needs on this machine. It must go the very way that the work will go.</summary>
public interface IPreflight
{
    /// <summary>The lane that is not claimed on this host while the look fails.</summary>
    string Lane { get; }

    /// <summary>Looks. An exception counts as a failure with its message.</summary>
    Task<PreflightResult> CheckAsync(CancellationToken cancellation);
}

/// <param name="Ok">Is everything there?</param>
/// <param name="Detail">Path and version, or what is wrong and what to do; no secrets.</param>
public sealed record PreflightResult(bool Ok, string Detail);

/// <summary>How often preflights look.</summary>
public sealed class PreflightOptions : IChecked
{
    /// <summary>Off: lanes are claimed without a look.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a good result counts; 1 s to 1 h.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How soon a failed look is repeated; 100 ms to 1 h.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a look may take before it counts as failed; 1 s to 5 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    public IEnumerable<Broken> Check()
    {
        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromHours(1))
            yield return new("Interval", "must be 1 s to 1 h", Interval);
        if (RetryInterval < TimeSpan.FromMilliseconds(100) || RetryInterval > TimeSpan.FromHours(1))
            yield return new("RetryInterval", "must be 100 ms to 1 h", RetryInterval);
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(5))
            yield return new("Timeout", "must be 1 s to 5 min", Timeout);
    }
}

/// <summary>Looks again and again, and keeps lanes from being claimed on this host while their look fails. Jobs stay queued meanwhile; other hosts go on.</summary>
internal sealed class Preflights(
    IEnumerable<IPreflight> checks, NpgsqlDataSource database, NodeLease lease, Holds holds, Alerts.Alerts alerts, WorkSignal signal, PreflightOptions options, TimeProvider time,
    ILogger<Preflights> log) : BackgroundService
{
    private readonly ILookup<string, IPreflight> _checks = checks.ToLookup(check => check.Lane, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PreflightResult> _last = new(StringComparer.Ordinal);

    /// <summary>May the lane be claimed here? A lane that has not been looked at yet may not.</summary>
    public bool Passed(Lane lane) => Passed(lane.Name);

    public bool Passed(string lane) => !options.Enabled || !_checks.Contains(lane) || (_last.TryGetValue(lane, out var last) && last.Ok);

    /// <summary>What the last look found; null if there is none.</summary>
    public PreflightResult? Last(string lane) => _last.GetValueOrDefault(lane);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Enabled ? Task.WhenAll(_checks.Select(lane => LoopAsync(lane.Key, stoppingToken))) : Task.CompletedTask;

    private async Task LoopAsync(string lane, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var result = await CheckAsync(lane, stopping);
            if (stopping.IsCancellationRequested)
                return;
            var wasOk = _last.TryGetValue(lane, out var before) ? before.Ok : (bool?)null;
            _last[lane] = result;
            try
            {
                await RecordAsync(lane, result, wasOk, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                log.PreflightNotRecorded(lane, exception);
            }

            await Task.Delay(result.Ok ? options.Interval : options.RetryInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<PreflightResult> CheckAsync(string lane, CancellationToken stopping)
    {
        var good = new List<string>();
        foreach (var check in _checks[lane])
        {
            PreflightResult result;
            try
            {
                using var patience = new CancellationTokenSource(options.Timeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
                result = await check.CheckAsync(either.Token).WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                result = new PreflightResult(false, $"The look did not end within {options.Timeout}.");
            }
            catch (Exception exception)
            {
                result = new PreflightResult(false, $"{exception.GetType().Name}: {exception.Message}");
            }

            if (!result.Ok)
                return result;
            good.Add(result.Detail);
        }

        return new PreflightResult(true, string.Join("; ", good));
    }

    private async Task RecordAsync(string lane, PreflightResult result, bool? wasOk, CancellationToken cancellation)
    {
        var recovered = await PreflightLedger.RecordAsync(database, lane, lease.Node.Host, result.Ok, result.Detail, time.GetUtcNow(), cancellation);
        if (result.Ok == wasOk)
            return;
        if (result.Ok)
        {
            if (recovered)
            {
                log.PreflightRecovered(lane, result.Detail);
                await holds.ReleaseAsync(HoldReason.Environment, [lane], cancellation);
            }

            signal.Heard(lane);
        }
        else
        {
            log.PreflightFailed(lane, result.Detail);
            alerts.Raise(new Alert(AlertKind.PreflightFailed, $"{lane} on {lease.Node.Name}", $"Lane {lane} is not claimed on {lease.Node.Name}: {result.Detail} Its jobs stay queued."));
        }
    }
}

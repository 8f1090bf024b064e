using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.AmazonSqs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Benchmarks.Own;

internal static class Measurements
{
    /// <summary>The incident that this service was built for, in seconds instead of minutes: three permits, and far more messages than they work off within one visibility.</summary>
    public static IReadOnlyDictionary<string, string?> IncidentSettings { get; } = new Dictionary<string, string?>
    {
        ["Orchestrator:Work:Permits"] = "3",
        [$"Orchestrator:Lanes:{BenchNode.Lane}:Permits"] = "3",
        [$"Orchestrator:Lanes:{BenchNode.Lane}:Prefetch"] = "19",
        [$"Orchestrator:Lanes:{BenchNode.Lane}:Visibility"] = "00:00:03",
        [$"Orchestrator:Lanes:{BenchNode.Lane}:MaxReceiveCount"] = "3",
    };

    /// <summary>No-op jobs: stored in batches of 1,000 while the lane is paused, then drained.</summary>
    public static async Task<object> DrainAsync(Bench bench, int jobs)
    {
        using var trips = new RoundTrips();
        await SubmitAndDrainAsync(bench, 500, at: null); // the first jobs of a process pay for its compilation

        var requests = bench.Services.GetService<RequestCounter>();
        var before = requests?.ByAction ?? new Dictionary<string, long>();
        var tripsBefore = trips.Count;
        var (submit, drain) = await SubmitAndDrainAsync(bench, jobs, at: null);
        return new
        {
            measurement = "drain",
            transport = bench.Transport.ToString(),
            jobs,
            submitPerSecond = Math.Round(jobs / submit.TotalSeconds),
            drainPerSecond = Math.Round(jobs / drain.TotalSeconds),
            roundTripsPerJob = Math.Round((trips.Count - tripsBefore) / (double)jobs, 3),
            requestsPerJob = requests?.ByAction.ToDictionary(r => r.Key, r => Math.Round((r.Value - before.GetValueOrDefault(r.Key)) / (double)jobs, 3)),
            peakMemoryMiB = PeakMemory(),
        };
    }

    /// <summary>One job at a time from before the submission to the first line of its handler.</summary>
    public static async Task<object> LatencyAsync(Bench bench, int jobs)
    {
        const int WarmUp = 20;
        var latencies = new List<double>(jobs);
        for (var i = 0; i < jobs + WarmUp; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var started = bench.StartedAsync(1);
            var job = await bench.Jobs.SubmitAsync(new JobRequest(BenchNode.Lane));
            await started;
            if (i >= WarmUp)
                latencies.Add(Stopwatch.GetElapsedTime(began, bench.Starts[job.JobId]).TotalMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 80)), TimeProvider.System, CancellationToken.None);
        }

        latencies.Sort();
        return new
        {
            measurement = "latency",
            transport = bench.Transport.ToString(),
            jobs,
            p50Milliseconds = Math.Round(latencies[jobs / 2], 2),
            p99Milliseconds = Math.Round(latencies[Math.Min(jobs - 1, (int)(jobs * 0.99))], 2),
        };
    }

    /// <summary>Due jobs alone, then beside a backlog of jobs for tomorrow.</summary>
    public static async Task<object> BacklogAsync(Bench bench, int due, int future, int repetitions)
    {
        await SubmitAndDrainAsync(bench, due, at: null); // warm
        var empty = await RepeatAsync();
        var tomorrow = TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1);
        for (var left = future; left > 0; left -= 5_000)
            await SubmitAsync(bench, Math.Min(left, 5_000), tomorrow);
        await bench.ScalarAsync("VACUUM ANALYZE orchestrator.job");
        var beside = await RepeatAsync();
        return new { measurement = "backlog", due, future, emptyPerSecond = Math.Round(empty), besidePerSecond = Math.Round(beside), ratio = Math.Round(beside / empty, 2) };

        async Task<double> RepeatAsync()
        {
            var rates = new List<double>();
            for (var i = 0; i < repetitions; i++)
                rates.Add(due / (await SubmitAndDrainAsync(bench, due, at: null)).Drain.TotalSeconds);
            rates.Sort();
            return rates[rates.Count / 2];
        }
    }

    /// <summary>22 messages at once, each 2.5 s of work behind three permits, visibility 3 s, three receives.</summary>
    public static async Task<object> IncidentAsync(Bench bench)
    {
        const int Messages = 22;
        int now = 0, most = 0;
        bench.Work = async cancellation =>
        {
            var running = Interlocked.Increment(ref now);
            most = Math.Max(most, running);
            await Task.Delay(TimeSpan.FromMilliseconds(2500), TimeProvider.System, cancellation);
            Interlocked.Decrement(ref now);
        };
        var began = Stopwatch.GetTimestamp();
        await bench.Jobs.SubmitAsync([.. Enumerable.Range(0, Messages).Select(_ => new JobRequest(BenchNode.Lane))]);
        await bench.QuietAsync();
        return new
        {
            measurement = "incident",
            messages = Messages,
            seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1),
            succeeded = await bench.ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"),
            failedAttemptsAndLosses = await bench.ScalarAsync("SELECT sum(attempts + losses) FROM orchestrator.job"),
            distinctRuns = bench.Starts.Count,
            mostAtOnce = most,
            requests = bench.Services.GetRequiredService<RequestCounter>().ByAction,
        };
    }

    private static async Task<(TimeSpan Submit, TimeSpan Drain)> SubmitAndDrainAsync(Bench bench, int jobs, DateTimeOffset? at)
    {
        await bench.PauseAsync(true);
        var submitting = Stopwatch.GetTimestamp();
        await SubmitAsync(bench, jobs, at);
        var submit = Stopwatch.GetElapsedTime(submitting);

        var started = bench.StartedAsync(jobs);
        var draining = Stopwatch.GetTimestamp();
        await bench.PauseAsync(false);
        bench.Services.GetRequiredService<WorkSignal>().Submitted(BenchNode.Lane);
        await started;
        var drain = Stopwatch.GetElapsedTime(draining);
        await bench.QuietAsync();
        return (submit, drain);
    }

    private static async Task SubmitAsync(Bench bench, int jobs, DateTimeOffset? at)
    {
        foreach (var batch in Enumerable.Range(0, jobs).Chunk(1000))
            await bench.Jobs.SubmitAsync([.. batch.Select(_ => new JobRequest(BenchNode.Lane) { AvailableAt = at })]);
    }

    private static double PeakMemory()
    {
        using var self = Process.GetCurrentProcess();
        return Math.Round(self.PeakWorkingSet64 / 1024.0 / 1024);
    }
}

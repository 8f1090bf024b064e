using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Http;
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

    /// <summary>No-op jobs a second, the median of some drains.</summary>
    public static async Task<double> RateAsync(Bench bench, int jobs, int repetitions)
    {
        await SubmitAndDrainAsync(bench, jobs / 4, at: null); // warm
        var rates = new List<double>();
        for (var i = 0; i < repetitions; i++)
            rates.Add(jobs / (await SubmitAndDrainAsync(bench, jobs, at: null)).Drain.TotalSeconds);
        rates.Sort();
        return rates[rates.Count / 2];
    }

    /// <summary>From the submission to the first line of the handler at 200 jobs a second: alone, then beside a million ended jobs and a transaction that keeps the dead rows of all of it.</summary>
    public static async Task<object> LoadedLatencyAsync(Bench bench, int ended, int seconds, TimeSpan held)
    {
        await PacedAsync(bench, seconds: 3); // warm
        var alone = await PacedAsync(bench, seconds);
        await bench.PauseAsync(true);
        await FillAsync(bench, ended, hot: 4);
        await bench.ScalarAsync("DELETE FROM orchestrator.job WHERE state = 'Queued'");
        await bench.PauseAsync(false);
        await using var connection = await bench.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using (var open = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0; SELECT count(*) FROM orchestrator.lane", connection, transaction))
            await open.ExecuteScalarAsync();
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < held;)
            await PacedAsync(bench, seconds: 5);
        var beside = await PacedAsync(bench, seconds);
        return new { measurement = "loaded-latency", jobsPerSecond = 200, ended, transactionHeldSeconds = held.TotalSeconds + seconds, aloneP50 = alone.P50, aloneP95 = alone.P95, besideP50 = beside.P50, besideP95 = beside.P95 };
    }

    private static async Task<(double P50, double P95)> PacedAsync(Bench bench, int seconds)
    {
        const int PerSecond = 200;
        var submitted = new List<(Guid Job, long At)>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1000.0 / PerSecond), TimeProvider.System);
        var started = bench.StartedAsync(seconds * PerSecond);
        for (var i = 0; i < seconds * PerSecond; i++)
        {
            await pace.WaitForNextTickAsync();
            var at = Stopwatch.GetTimestamp();
            submitted.Add(((await bench.Jobs.SubmitAsync(new JobRequest(BenchNode.Lane))).JobId, at));
        }

        await started;
        var latencies = submitted.Select(job => Stopwatch.GetElapsedTime(job.At, bench.Starts[job.Job]).TotalMilliseconds).Order().ToList();
        return (Math.Round(latencies[latencies.Count / 2], 1), Math.Round(latencies[(int)(latencies.Count * 0.95)], 1));
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

    /// <summary>What an operator asks for, beside many ended jobs, most of them moved.</summary>
    public static async Task<object> QueueReportAsync(Bench bench, int ended, int hot, int repetitions)
    {
        await bench.PauseAsync(true);
        await FillAsync(bench, ended, hot);
        var report = bench.Services.GetRequiredService<QueueReport>();
        var oldest = Guid.Parse((await bench.TextAsync("SELECT id::text FROM orchestrator.job_ended ORDER BY ended_at LIMIT 1"))!);
        var (keys, always) = (0, DateTimeOffset.UnixEpoch.AddYears(1000));
        return new
        {
            measurement = "queue-report",
            ended,
            hot,
            queueMilliseconds = await MedianAsync(() => report.ReadAsync(default)),
            countsMilliseconds = await MedianAsync(() => ReadAsync(connection => JobLedger.CountsAsync(connection, default))),
            countingRowsMilliseconds = await MedianAsync(() => bench.ScalarAsync(
                "SELECT count(*) FROM (SELECT lane, state, count(*) FROM (SELECT lane, state FROM orchestrator.job UNION ALL SELECT lane, state FROM orchestrator.job_ended) AS j GROUP BY lane, state) AS c")),
            firstPageMilliseconds = await MedianAsync(() => ReadAsync(connection => JobLedger.ListAsync(connection, long.MaxValue, null, null, 50, default))),
            failedPageMilliseconds = await MedianAsync(() => ReadAsync(connection => JobLedger.ListAsync(connection, long.MaxValue, null, "Failed", 50, default))),
            deepPageMilliseconds = await MedianAsync(() => ReadAsync(connection => JobLedger.ListAsync(connection, ended / 2, null, null, 50, default))),
            oneMovedJobMilliseconds = await MedianAsync(() => bench.Jobs.GetAsync(oldest)),
            submit1000WithKeysMilliseconds = await MedianAsync(() => bench.Jobs.SubmitAsync([.. Enumerable.Range(0, 1000).Select(_ => new JobRequest(BenchNode.Lane) { DedupeKey = $"new-{keys++}" })])),
            submit1000WithoutKeysMilliseconds = await MedianAsync(() => bench.Jobs.SubmitAsync([.. Enumerable.Range(0, 1000).Select(_ => new JobRequest(BenchNode.Lane))])),
            move500Milliseconds = await MedianAsync(() => ReadAsync(async connection =>
            {
                var some = await EndedLedger.EndedBeforeAsync(connection, new EndedJob(Guid.Empty, DateTimeOffset.UnixEpoch), always, 500, default);
                return await EndedLedger.MoveAsync(connection, [.. some.Select(job => job.Id)], always, default);
            })),
        };

        async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read)
        {
            await using var connection = await bench.Database.OpenConnectionAsync();
            return await read(connection);
        }

        async Task<double> MedianAsync<T>(Func<Task<T>> act)
        {
            var times = new List<double>();
            for (var i = 0; i < repetitions + 2; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await act();
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            var warm = times.Skip(2).Order().ToList();
            return Math.Round(warm[warm.Count / 2], 1);
        }
    }

    /// <summary>Moved jobs of the last 85 days, one in a hundred failed; of the hot ones a quarter has ended, a quarter sleeps, half waits.</summary>
    private static async Task FillAsync(Bench bench, int ended, int hot)
    {
        await bench.ScalarAsync("SELECT count(orchestrator.open_month((date_trunc('month', now()) - m * interval '1 month')::date)) FROM generate_series(-1, 3) AS m");
        await bench.ScalarAsync($$"""
            INSERT INTO orchestrator.job_ended (id, seq, lane, state, priority, submitted_at, available_at, due, run_id, started_at, ended_at, attempts, max_attempts, losses, transient_attempts, dedupe_key, announce, payload, result)
            SELECT gen_random_uuid(), i, '{{BenchNode.Lane}}', CASE WHEN i % 100 = 0 THEN 'Failed' ELSE 'Succeeded' END, 0, at, at, true, i, at, at, 0, 5, 0, 0, 'key-' || i, false,
                   '{"document": "0198f2a0-0000-7000-8000-000000000000", "pages": 3}', '{"outputs": 2}'
            FROM generate_series(1, {{ended}}) AS i CROSS JOIN LATERAL (SELECT now() - (1 - i / {{ended}}::float8) * interval '85 days' - interval '1 hour' AS at) AS t
            """);
        await bench.ScalarAsync("INSERT INTO orchestrator.job_ended_count SELECT (ended_at AT TIME ZONE 'UTC')::date, lane, state, count(*) FROM orchestrator.job_ended GROUP BY 1, 2, 3");
        await bench.ScalarAsync($$"""
            INSERT INTO orchestrator.job (id, seq, lane, state, submitted_at, available_at, due, max_attempts, ended_at, run_id, payload) OVERRIDING SYSTEM VALUE
            SELECT gen_random_uuid(), {{ended}} + i, '{{BenchNode.Lane}}', CASE WHEN i % 4 = 0 THEN 'Succeeded' ELSE 'Queued' END, now(),
                   now() + CASE WHEN i % 4 = 1 THEN interval '1 day' ELSE interval '0' END, i % 4 <> 1, 5,
                   CASE WHEN i % 4 = 0 THEN now() END, CASE WHEN i % 4 = 0 THEN i END, '{"document": "0198f2a0-0000-7000-8000-000000000000", "pages": 3}'
            FROM generate_series(1, {{hot}}) AS i
            """);
        await bench.ScalarAsync($"SELECT setval(pg_get_serial_sequence('orchestrator.job', 'seq'), {ended + hot})");
        await bench.ScalarAsync("VACUUM ANALYZE orchestrator.job, orchestrator.job_ended, orchestrator.job_ended_count");
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

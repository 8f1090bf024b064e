using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>Ended jobs leave the hot table, are found wherever they stand, come back when they are retried, and go by months.</summary>
[Trait("Requirement", "OPS-3")]
public sealed class RetentionTests : IAsyncLifetime
{
    private readonly KeptRuns _kept = new();
    private TestNode _node = null!;
    private bool _fails;

    public async Task InitializeAsync() => _node = await EngineNode.StartAsync(
        (_, _) => Task.FromResult(_fails ? JobOutcome.Fail("as told") : JobOutcome.Done(new { said = "hello" })), null,
        services => services.AddSingleton<IForgottenRuns>(_kept), ("Sweeps:MoveEndedAfter", "00:10:00"), ("Sweeps:Retention", "90.00:00:00"), ("Database:StalledTransaction", "00:05:00"));

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Both_tables_have_the_same_columns_in_the_same_order()
    {
        const string Columns = "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped";

        Assert.Equal(await _node.ScalarAsync<string>(Columns, "orchestrator.job"), await _node.ScalarAsync<string>(Columns, "orchestrator.job_ended"));
    }

    [Fact]
    [Trait("Requirement", "OPS-2")]
    public async Task An_ended_job_is_moved_when_its_time_has_come_and_read_and_listed_as_before()
    {
        var (old, young) = (await EndAsync(new("work") { DedupeKey = "k", Priority = 3 }, age: TimeSpan.FromMinutes(11)), await EndAsync(new("work")));
        var asleep = await _node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        var before = await _node.Jobs.GetAsync(old);

        await SweepAsync();

        Assert.Equal((1L, 2L), (await CountAsync("job_ended"), await CountAsync("job")));
        Assert.Equivalent(before, await _node.Jobs.GetAsync(old), strict: true);
        Assert.Equal("k", (await _node.Jobs.GetAsync(old))!.DedupeKey);
        await using var connection = await _node.Database.OpenConnectionAsync();
        Assert.Equal([asleep, young, old], (await ListAsync(connection)).Select(job => job.Id));
        Assert.Equal([young, old], (await ListAsync(connection, state: "Succeeded")).Select(job => job.Id));
        Assert.Equal([old], (await JobLedger.ListAsync(connection, (await _node.Jobs.GetAsync(young))!.Sequence, "work", null, 10, default)).Select(job => job.Id));
        Assert.Equal([young], (await JobLedger.ListAsync(connection, long.MaxValue, null, "Succeeded", 1, default)).Select(job => job.Id));
        Assert.Empty(await ListAsync(connection, lane: "other"));
    }

    [Fact]
    public async Task Counts_stay_the_same_through_move_and_return()
    {
        _fails = true;
        var failed = await EndAsync(new("work") { MaxAttempts = 1 }, "Failed", TimeSpan.FromHours(1));
        _fails = false;
        await EndAsync(new("work"), age: TimeSpan.FromDays(40));
        await EndAsync(new("work"), age: TimeSpan.FromDays(1));
        await EndAsync(new("work"));
        List<(string, string, long)> expected = [("work", "Failed", 1), ("work", "Succeeded", 3)];
        Assert.Equal(expected, await CountsAsync());

        await SweepAsync();

        Assert.Equal(3, await CountAsync("job_ended"));
        Assert.Equal(expected, await CountsAsync());

        await _node.Jobs.RetryAsync(failed);
        await _node.BecomesAsync(failed, "Succeeded");
        Assert.Equal([("work", "Succeeded", 4)], await CountsAsync());
    }

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task A_moved_job_is_retried_from_where_it_stands_and_of_many_retries_one_wins()
    {
        _fails = true;
        var id = await EndAsync(new("work") { MaxAttempts = 1, DedupeKey = "k" }, "Failed", TimeSpan.FromHours(1));
        _fails = false;
        await SweepAsync();
        await _node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()"); // so that the losers meet a queued job

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _node.Jobs.RetryAsync(id)));

        Assert.Single(answers, answer => answer.Outcome == JobCommandOutcome.Done);
        Assert.All(answers, answer => Assert.Equal("Queued", answer.State));
        Assert.Equal((0L, 1L), (await CountAsync("job_ended"), await CountAsync("job")));
        var back = (await _node.Jobs.GetAsync(id))!;
        Assert.Equal(("Queued", 0, null, "k"), (back.State, back.Attempts, back.EndedAt, back.DedupeKey));
        await _node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");
        await _node.BecomesAsync(id, "Succeeded");
    }

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task A_moved_job_refuses_what_its_state_refuses()
    {
        var id = await EndAsync(new("work"), age: TimeSpan.FromHours(1));
        await SweepAsync();

        Assert.Equal((JobCommandOutcome.NotAccepted, "Succeeded"), Answer(await _node.Jobs.RetryAsync(id)));
        Assert.Equal((JobCommandOutcome.NotAccepted, "Succeeded"), Answer(await _node.Jobs.CancelAsync(id)));
        Assert.Equal((JobCommandOutcome.NotAccepted, "Succeeded"), Answer(await _node.Jobs.PrioritiseAsync(id, 1)));
        Assert.Equal((1L, 0L), (await CountAsync("job_ended"), await CountAsync("job")));

        static (JobCommandOutcome, string?) Answer(JobCommandDone done) => (done.Outcome, done.State);
    }

    [Fact]
    public async Task A_job_that_is_being_retried_is_not_moved_and_the_retry_of_one_that_is_being_moved_finds_it()
    {
        _fails = true;
        var id = await EndAsync(new("work") { MaxAttempts = 1 }, "Failed", TimeSpan.FromHours(1));
        await _node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()"); // so that it stays queued
        await using var holder = await _node.Database.OpenConnectionAsync();
        await using (var retrying = await holder.BeginTransactionAsync())
        {
            await JobLedger.LockAsync(holder, [id], default);
            Assert.Empty((await SweepAsync()).Errors); // it did not wait for the retry until its time was over
            Assert.Equal(0, await CountAsync("job_ended"));
        }

        await OpenMonthAsync(holder, id);
        await using var moving = await holder.BeginTransactionAsync();
        Assert.Equal(1, await EndedLedger.MoveAsync(holder, [id], TimeProvider.System.GetUtcNow(), default));
        var retry = _node.Jobs.RetryAsync(id);
        await BlockedAsync();
        await moving.CommitAsync();

        Assert.Equal(JobCommandOutcome.Done, (await retry).Outcome);
        Assert.Equal(0, await EndedLedger.MoveAsync(holder, [id], TimeProvider.System.GetUtcNow().AddHours(1), default)); // a sweep that had seen its end
        Assert.Equal((0L, 1L), (await CountAsync("job_ended"), await CountAsync("job")));
    }

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task A_second_submission_with_the_key_of_a_moved_job_finds_it()
    {
        var first = await EndAsync(new("work") { DedupeKey = "k" }, age: TimeSpan.FromHours(1));
        await SweepAsync();

        var answers = await _node.Jobs.SubmitAsync([new("work") { DedupeKey = "k" }, new("work") { DedupeKey = "other" }, new("work")]);

        Assert.Equal([new SubmittedJob(first, true), answers[1] with { Duplicate = false }, answers[2] with { Duplicate = false }], answers);
        Assert.Equal((1L, 2L), (await CountAsync("job_ended"), await CountAsync("job")));
    }

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task A_submission_that_waits_for_the_move_of_its_first_job_finds_it()
    {
        var first = await EndAsync(new("work") { DedupeKey = "k" }, age: TimeSpan.FromHours(1));
        await using var holder = await _node.Database.OpenConnectionAsync();
        await OpenMonthAsync(holder, first);
        await using var moving = await holder.BeginTransactionAsync();
        await EndedLedger.MoveAsync(holder, [first], TimeProvider.System.GetUtcNow(), default);

        var second = _node.Jobs.SubmitAsync(new JobRequest("work") { DedupeKey = "k" });
        await BlockedAsync();
        await moving.CommitAsync();

        Assert.Equal(new SubmittedJob(first, true), await second);
        Assert.Equal((1L, 0L), (await CountAsync("job_ended"), await CountAsync("job")));
    }

    [Fact]
    public async Task A_move_that_does_not_commit_leaves_everything_as_it_was()
    {
        var id = await EndAsync(new("work"), age: TimeSpan.FromHours(1));
        await using (var connection = await _node.Database.OpenConnectionAsync())
        {
            await OpenMonthAsync(connection, id);
            await using var transaction = await connection.BeginTransactionAsync();
            Assert.Equal(1, await EndedLedger.MoveAsync(connection, [id], TimeProvider.System.GetUtcNow(), default));
        }

        Assert.Equal((0L, 1L, 0L), (await CountAsync("job_ended"), await CountAsync("job"), await CountAsync("job_ended_count")));
        Assert.Equal([("work", "Succeeded", 1)], await CountsAsync());
    }

    [Fact]
    public async Task A_job_that_cannot_be_moved_does_not_keep_the_others_and_is_told()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
            ids.Add(await EndAsync(new("work"), age: TimeSpan.FromHours(3 - i)));
        await SweepAsync();
        await _node.ExecuteAsync("INSERT INTO orchestrator.job OVERRIDING SYSTEM VALUE SELECT * FROM orchestrator.job_ended WHERE id = $1", ids[0]); // a hand that put it in both
        await _node.ExecuteAsync("WITH back AS (DELETE FROM orchestrator.job_ended WHERE id <> $1 RETURNING *) INSERT INTO orchestrator.job OVERRIDING SYSTEM VALUE SELECT * FROM back", ids[0]);

        var sweep = await SweepAsync();

        Assert.Equal((3L, 1L), (await CountAsync("job_ended"), await CountAsync("job")));
        Assert.Equal(2, sweep.Done["jobsMoved"]);
        Assert.StartsWith($"job {ids[0]}: ", Assert.Single(sweep.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_month_older_than_the_retention_is_dropped_with_its_keys_after_the_keepers_of_its_runs_were_told()
    {
        var ids = new List<Guid>();
        foreach (var days in new[] { 150, 90, 1 })
            ids.Add(await EndAsync(new("work") { DedupeKey = $"{days}" }, age: TimeSpan.FromDays(days)));
        var ended = (await _node.Jobs.GetAsync(ids[0]))!.EndedAt!.Value;
        await SweepAsync(); // moves them

        _kept.Refuses = true;
        var refused = await SweepAsync();

        Assert.Contains("a keeper that fails", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Null(await _node.Jobs.GetAsync(ids[0])); // nobody finds it any more, and yet it is not gone
        Assert.Equal(1, await _node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.jobs_of_month(date_trunc('month', $1::timestamptz AT TIME ZONE 'UTC')::date, '00000000-0000-0000-0000-000000000000', 10)", ended));

        _kept.Refuses = false;
        var sweep = await SweepAsync();

        Assert.Empty(sweep.Errors);
        Assert.Equal((1, 1), (sweep.Done["monthsDropped"], sweep.Done["jobsForgotten"]));
        Assert.Equal(ids[0], Assert.Single(_kept.Forgotten).Job);
        Assert.True(_kept.Forgotten[0].LastRun > 0);
        Assert.NotNull(await _node.Jobs.GetAsync(ids[1])); // a month is as old as its youngest job can be
        Assert.Equal(2, await CountAsync("job_ended"));
        Assert.Equal([("work", "Succeeded", 2)], await CountsAsync());
        Assert.False((await _node.Jobs.SubmitAsync(new JobRequest("work") { DedupeKey = "150" })).Duplicate);
        Assert.True((await _node.Jobs.SubmitAsync(new JobRequest("work") { DedupeKey = "90" })).Duplicate);
    }

    [Fact]
    public async Task A_month_whose_jobs_can_be_found_is_not_dropped()
    {
        await EndAsync(new("work"), age: TimeSpan.FromHours(1));
        await SweepAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _node.ExecuteAsync("SELECT orchestrator.drop_month((SELECT date_trunc('month', ended_at AT TIME ZONE 'UTC')::date FROM orchestrator.job_ended))"));

        Assert.Contains("is still attached", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_months_that_come_are_there_ahead()
    {
        var before = Month();
        await SweepAsync();
        var after = Month(); // it may have begun meanwhile

        await using var connection = await _node.Database.OpenConnectionAsync();
        var months = await EndedLedger.MonthsAsync(connection, default);
        var first = months[0].First;
        Assert.Contains(first, (DateOnly[])[before, after]);
        Assert.Equal([new EndedMonth(first, true), new EndedMonth(first.AddMonths(1), true)], months);

        static DateOnly Month()
        {
            var now = TimeProvider.System.GetUtcNow();
            return new DateOnly(now.Year, now.Month, 1);
        }
    }

    private async Task<Guid> EndAsync(JobRequest request, string state = "Succeeded", TimeSpan age = default)
    {
        var id = await _node.SubmitAsync(request);
        await _node.BecomesAsync(id, state);
        await _node.ExecuteAsync("UPDATE orchestrator.job SET ended_at = ended_at - $2 WHERE id = $1", id, age);
        return id;
    }

    private async Task<Sweep> SweepAsync()
    {
        await using var scope = _node.Services.CreateAsyncScope();
        var sweep = scope.ServiceProvider.GetRequiredService<RetentionSweep>();
        await sweep.RunAsync(default);
        return sweep;
    }

    /// <summary>Makes the month in which a job ended, as the sweep does before it moves it.</summary>
    private async Task OpenMonthAsync(NpgsqlConnection connection, Guid job)
    {
        var ended = (await _node.Jobs.GetAsync(job))!.EndedAt!.Value.ToUniversalTime();
        await EndedLedger.OpenMonthAsync(connection, new DateOnly(ended.Year, ended.Month, 1), default);
    }

    private Task BlockedAsync() => Eventually.IsAsync(
        () => _node.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"), waiting => waiting == 1, "it waits for the move");

    private Task<long> CountAsync(string table) => _node.ScalarAsync<long>($"SELECT count(*) FROM orchestrator.{table}");

    private async Task<List<(string, string, long)>> CountsAsync()
    {
        await using var connection = await _node.Database.OpenConnectionAsync();
        return [.. (await JobLedger.CountsAsync(connection, default)).Order()];
    }

    private static Task<List<Job>> ListAsync(NpgsqlConnection connection, string? lane = null, string? state = null) =>
        JobLedger.ListAsync(connection, long.MaxValue, lane, state, 10, default);

    private sealed class KeptRuns : IForgottenRuns
    {
        public bool Refuses { get; set; }

        public List<(Guid Job, long? LastRun)> Forgotten { get; } = [];

        public Task ForgetAsync(IReadOnlyList<(Guid Job, long? LastRun)> jobs, CancellationToken cancellation)
        {
            if (Refuses)
                throw new IOException("a keeper that fails");
            Forgotten.AddRange(jobs);
            return Task.CompletedTask;
        }
    }
}

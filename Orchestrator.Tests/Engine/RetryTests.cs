using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "JOB-4")]
public sealed class RetryTests
{
    [Fact]
    public async Task A_job_that_fails_twice_and_then_succeeds_runs_three_times_with_the_attempts_counted()
    {
        var attempts = new List<int>();
        await using var node = await EngineNode.StartAsync((run, _) =>
        {
            attempts.Add(run.Attempt);
            return run.Attempt < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult(JobOutcome.Done());
        });

        var job = await node.BecomesAsync(await node.SubmitAsync(), "Succeeded");

        Assert.Equal([1, 2, 3], attempts);
        Assert.Equal((2, null), (job.Attempts, job.Reason));
    }

    [Fact]
    public async Task A_job_whose_attempts_are_used_up_fails_with_its_last_reason_and_a_retry_by_hand_gives_it_new_ones()
    {
        var works = false;
        await using var node = await EngineNode.StartAsync((_, _) => works ? Task.FromResult(JobOutcome.Done()) : throw new InvalidOperationException("never"));
        var id = await node.SubmitAsync(new("work") { MaxAttempts = 2 });
        var failed = await node.BecomesAsync(id, "Failed");
        Assert.Equal((2, "InvalidOperationException: never (attempt 2 of 2)"), (failed.Attempts, failed.Reason));

        works = true;
        await node.Jobs.RetryAsync(id);

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, null), (job.Attempts, job.Reason));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    [Trait("Requirement", "JOB-3")]
    public async Task What_a_handler_stores_of_a_failure_commits_with_it_and_what_it_throws_keeps_no_job_from_failing(bool throws, int noted)
    {
        await using var node = await EngineNode.StartAsync(static (_, _) => Task.FromResult(JobOutcome.Done()), null, services =>
        {
            services.RemoveAll<LaneHandler>();
            services.AddLane<Noting>("work");
        });
        await node.ExecuteAsync("CREATE TABLE noted (job uuid, reason text)");

        var id = await node.SubmitAsync(new("work", $$"""{"throws":{{(throws ? "true" : "false")}}}""") { MaxAttempts = 2 });
        var failed = await node.BecomesAsync(id, "Failed");

        Assert.Equal("again (attempt 2 of 2)", failed.Reason);
        Assert.Equal(noted, await node.ScalarAsync<long>("SELECT count(*) FROM noted WHERE job = $1 AND reason = $2", id, failed.Reason!));
    }

    private sealed class Noting : IJobHandler
    {
        public Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation) => Task.FromResult(JobOutcome.Retry("again"));

        public async Task FailedAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation)
        {
            await using var note = new NpgsqlCommand("INSERT INTO noted VALUES ($1, $2)", scope.Connection, scope.Transaction) { Parameters = { new() { Value = run.JobId }, new() { Value = reason } } };
            await note.ExecuteNonQueryAsync(cancellation);
            if (!run.Payload.Contains("true", StringComparison.Ordinal))
                return;
            note.CommandText = "SELECT 1 / 0";
            note.Parameters.Clear();
            await note.ExecuteScalarAsync(cancellation);
        }
    }

    [Fact]
    public async Task A_result_that_cannot_be_stored_fails_its_own_job_and_none_that_ended_beside_it()
    {
        var letGo = new ConcurrentDictionary<string, TaskCompletionSource>();
        var begun = new ConcurrentQueue<string>();
        await using var node = await EngineNode.StartAsync(async (run, cancellation) =>
        {
            var note = run.Read<Note>();
            begun.Enqueue(note.Text);
            await May(note.Text).Task.WaitAsync(cancellation);
            return JobOutcome.Done(note);
        }, null, ("Lanes:work:Permits", "5"), ("Work:Permits", "5"), ("Database:StalledTransaction", "00:05:00"));
        var held = new[] { await node.SubmitAsync(Request("first")), await node.SubmitAsync(Request("second")) };
        var good = await node.SubmitAsync(Request("fine"));
        var bad = await node.SubmitAsync(Request("replaced below") with { MaxAttempts = 1 });
        var alsoGood = await node.SubmitAsync(Request("fine, too"));
        await Eventually.IsTrueAsync(() => begun.Count == 5, "all run");

        // Two batches are under way at most. Both wait here for a row, so that what ends meanwhile goes together into the next.
        await using (var holder = await node.Database.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("SELECT FROM orchestrator.job WHERE id = ANY ($1) FOR UPDATE", holder))
            {
                hold.Parameters.Add(new NpgsqlParameter { Value = held });
                await hold.ExecuteNonQueryAsync();
            }

            May("first").SetResult();
            await WaitForLocksAsync(1);
            May("second").SetResult();
            await WaitForLocksAsync(2);
            foreach (var text in (string[])["fine", "replaced below", "fine, too"])
                May(text).SetResult();
            await Eventually.IsTrueAsync(() => node.Services.GetRequiredService<Lanes>()["work"].Permits.Use.InUse == 0, "all three have ended and wait to be stored");
        }

        foreach (var id in (Guid[])[.. held, good, alsoGood])
            await node.BecomesAsync(id, "Succeeded");
        var failed = await node.BecomesAsync(bad, "Failed");
        Assert.Contains("22P05", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(5, begun.Count); // none had to run again for its neighbour's sake

        TaskCompletionSource May(string text) => letGo.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        Task WaitForLocksAsync(long count) => Eventually.IsAsync(
            () => node.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"),
            waiting => waiting == count, $"{count} batches wait");

        static JobRequest Request(string text) => new("work", $$"""{"text":"{{text}}"}""");
    }

    [Fact]
    public async Task A_reason_with_characters_that_PostgreSQL_cannot_store_does_not_keep_the_job_from_ending()
    {
        await using var node = await EngineNode.StartAsync((_, _) => throw new InvalidOperationException("read \0 bytes"));

        var failed = await node.BecomesAsync(await node.SubmitAsync(new("work") { MaxAttempts = 1 }), "Failed");

        Assert.Equal("InvalidOperationException: read \uFFFD bytes (attempt 1 of 1)", failed.Reason);
    }

    [Theory]
    [InlineData("nothing", "InvalidOperationException: FunctionHandler.RunAsync returned null. Return JobOutcome.Done, Deliver, Retry or Fail.")]
    [InlineData("for ever", "ArgumentOutOfRangeException: A job waits at most 3650 days for its next run; Fail ends it.")]
    [InlineData("no reason", "ArgumentNullException: Value cannot be null. (Parameter 'reason')")]
    public async Task An_outcome_that_says_nothing_is_a_failed_attempt_like_any_other(string outcome, string reason)
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(outcome switch
        {
            "nothing" => null!,
            "for ever" => JobOutcome.Retry("busy", TimeSpan.MaxValue),
            _ => JobOutcome.Fail(null!),
        }));

        var failed = await node.BecomesAsync(await node.SubmitAsync(new("work") { MaxAttempts = 2 }), "Failed");

        Assert.StartsWith(reason, failed.Reason, StringComparison.Ordinal);
        Assert.Equal((2, 0), (failed.Attempts, failed.Losses));
    }

    /// <summary>Comes out with a character that jsonb refuses if it says so.</summary>
    private sealed record Note(string Text)
    {
        public string Said => Text == "replaced below" ? "\0" : Text;
    }
}

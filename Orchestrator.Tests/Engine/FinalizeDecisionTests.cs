using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "JOB-4")]
public sealed class FinalizeDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LaneOptions Lane = new() { Backoff = TimeSpan.FromSeconds(10), MaxBackoff = TimeSpan.FromSeconds(60) };

    [Fact]
    public void A_success_ends_the_job_with_its_result() =>
        Assert.Equal(new WorkDone("""{"a":1}""", Now), Decide(new Ending.Finished(JobOutcome.Done(new { a = 1 }))));

    [Fact]
    public void A_failure_that_no_repetition_helps_ends_the_job_with_attempts_left() =>
        Assert.Equal(new WorkFailed("no such file", Now), Decide(new Ending.Finished(JobOutcome.Fail("no such file")), attempts: 0, maxAttempts: 5));

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 20)]
    [InlineData(2, 40)]
    [InlineData(3, 60)]
    [InlineData(90, 60)]
    public void The_pause_doubles_with_each_attempt_up_to_the_longest(int attempts, int seconds) =>
        Assert.Equal(new WillRetry("again", Now.AddSeconds(seconds)), Decide(new Ending.Finished(JobOutcome.Retry("again")), attempts, maxAttempts: 100));

    [Fact]
    public void The_jitter_gives_back_up_to_a_quarter() =>
        Assert.Equal(TimeSpan.FromSeconds(7.5), FinalizeDecision.Backoff(0, Lane, jitter: 1));

    [Fact]
    public void A_pause_that_the_handler_names_is_taken_as_it_is() =>
        Assert.Equal(new WillRetry("busy", Now.AddHours(2)), Decide(new Ending.Finished(JobOutcome.Retry("busy", TimeSpan.FromHours(2)))));

    [Fact]
    public void A_pause_until_a_moment_that_has_passed_is_none() =>
        Assert.Equal(new WillRetry("late", Now), Decide(new Ending.Finished(JobOutcome.Retry("late", TimeSpan.MinValue))));

    [Fact]
    public void The_last_attempt_fails_the_job_and_says_which_it_was() =>
        Assert.Equal(new WorkFailed("again (attempt 3 of 3)", Now), Decide(new Ending.Finished(JobOutcome.Retry("again")), attempts: 2, maxAttempts: 3));

    [Fact]
    public void An_exception_counts_as_a_failed_attempt_with_its_type_and_message() =>
        Assert.Equal(new WillRetry("TimeoutException: too slow", Now.AddSeconds(10)), Decide(new Ending.Threw(new TimeoutException("too slow"))));

    [Theory]
    [InlineData(nameof(StopReason.NodeStopping))]
    [InlineData(nameof(StopReason.ProtectionLost))]
    public void A_run_that_was_stopped_for_no_fault_of_its_own_is_handed_back_and_costs_no_attempt(string reason) =>
        Assert.IsType<HandedBack>(Decide(new Ending.Stopped(Enum.Parse<StopReason>(reason)), attempts: 4, maxAttempts: 5));

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public void A_run_that_was_cancelled_ends_the_job() =>
        Assert.Equal(new WorkCancelled(Now), Decide(new Ending.Stopped(StopReason.CancelAsked)));

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public void A_fenced_run_writes_nothing() =>
        Assert.Null(Decide(new Ending.Stopped(StopReason.Fenced)));

    [Fact]
    public void A_reason_is_stored_without_what_PostgreSQL_cannot_store() =>
        Assert.Equal(new WorkFailed("a\uFFFDb and half \uFFFD", Now), Decide(new Ending.Finished(JobOutcome.Fail("a\0b and half \uD83D"))));

    [Fact]
    public void A_reason_without_end_is_cut() =>
        Assert.Equal(4000, Assert.IsType<WorkFailed>(Decide(new Ending.Finished(JobOutcome.Fail(new string('x', 100_000))))).Reason.Length);

    private static object? Decide(Ending ending, int attempts = 0, int maxAttempts = 5) =>
        FinalizeDecision.Decide(new Job { Attempts = attempts, MaxAttempts = maxAttempts }, ending, Lane, Now, jitter: 0);
}

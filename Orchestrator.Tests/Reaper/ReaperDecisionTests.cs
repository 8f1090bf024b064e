using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Reaper;

namespace Orchestrator.Tests.Reaper;

public sealed class ReaperDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ReaperOptions Options = new() { DeadTicks = 3, FinalizeGrace = TimeSpan.FromMinutes(5), MaxRunning = TimeSpan.FromHours(2), MonitorCap = TimeSpan.FromMinutes(30) };

    private static readonly Suspect Alive = new(
        Guid.NewGuid(), 7, "agents", "Running", Now.AddHours(-1), 7, Guid.NewGuid(), "a", NodeHoldsLease: true, Now, Now, 0, null, null, null, null, null);

    private static readonly Suspect Exited = Alive with { ExitCode = 0, ExitSeenAt = Now.AddMinutes(-6) };

    [Fact]
    [Trait("Requirement", "REAP-1")]
    public void A_process_that_is_seen_dead_often_enough_in_a_row_is_lost_and_once_less_is_not()
    {
        Assert.Equal(Verdict.ProcessLost, Decide(Alive with { DeadTicks = 3 }));
        Assert.Equal(Verdict.Leave, Decide(Alive with { DeadTicks = 2 }));
    }

    [Fact]
    [Trait("Requirement", "REAP-1")]
    public void An_exit_code_that_nobody_finalizes_is_finalized_after_its_grace_and_not_before()
    {
        Assert.Equal(Verdict.FinalizeFromExit, Decide(Exited));
        Assert.Equal(Verdict.Leave, Decide(Exited with { ExitSeenAt = Now.AddMinutes(-4) }));
    }

    [Fact]
    [Trait("Requirement", "REAP-1")]
    public void An_exit_code_outranks_looks_that_found_the_process_dead() =>
        Assert.Equal(Verdict.Leave, Decide(Exited with { DeadTicks = 9, ExitSeenAt = Now.AddMinutes(-1) }));

    [Fact]
    [Trait("Requirement", "REAP-1")]
    public void A_run_that_is_older_than_any_may_be_is_taken()
    {
        Assert.Equal(Verdict.Overdue, Decide(Alive with { StartedAt = Now.AddHours(-2) }));
        Assert.Equal(Verdict.Leave, Decide(Alive with { StartedAt = Now.AddHours(-1.99) }));
    }

    [Fact]
    [Trait("Requirement", "REAP-2")]
    public void A_live_monitor_is_left_alone_whatever_the_age_until_the_hard_cap_tells_it_to_give_up()
    {
        var monitored = Exited with { FinalizingUntil = Now.AddSeconds(1) };
        Assert.Equal(Verdict.Leave, Decide(monitored));
        Assert.Equal(Verdict.Leave, Decide(Alive with { StartedAt = Now.AddHours(-2.1), FinalizingUntil = Now.AddSeconds(1) }));
        Assert.Equal(Verdict.StopMonitor, Decide(monitored with { ExitSeenAt = Now.AddMinutes(-30) }));
        Assert.Equal(Verdict.StopMonitor, Decide(Alive with { StartedAt = Now.AddHours(-2.5), FinalizingUntil = Now.AddSeconds(1) }));
        Assert.Equal(Verdict.Leave, Decide(monitored with { ExitSeenAt = Now.AddMinutes(-30), StopMonitorAt = Now }));
        Assert.Equal(Verdict.FinalizeFromExit, Decide(monitored with { ExitSeenAt = Now.AddMinutes(-30), StopMonitorAt = Now.AddMinutes(-1), FinalizingUntil = Now }));
    }

    [Theory]
    [Trait("Requirement", "REAP-5")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_whose_node_does_not_hold_its_lease_is_judged_by_the_lease_alone(bool exited) =>
        Assert.Equal(Verdict.Leave, Decide((exited ? Exited : Alive with { DeadTicks = 99, StartedAt = Now.AddDays(-9) }) with { NodeHoldsLease = false }));

    private static Verdict Decide(Suspect run) => ReaperDecision.Decide(Now, run, Options).Verdict;
}

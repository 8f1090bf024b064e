using Orchestrator.Service.Finalize;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Engine;

public sealed class RunningJobsTests
{
    [Fact]
    [Trait("Requirement", "PROT-7")]
    public void When_the_drain_time_is_over_a_run_that_begins_afterwards_is_stopped_too()
    {
        var running = new RunningJobs();
        using var before = running.Add(Guid.NewGuid(), 1);
        running.StopForGood();
        using var after = running.Add(Guid.NewGuid(), 2); // the permit of the first one came free

        Assert.All([before, after], run => Assert.True(run.Token.IsCancellationRequested));
        Assert.All([before, after], run => Assert.Equal(StopReason.NodeStopping, run.Reason));
    }

    [Fact]
    [Trait("Requirement", "REAP-3")]
    public void A_run_that_lost_its_job_stays_fenced_whatever_else_stops_it()
    {
        var running = new RunningJobs();
        using var run = running.Add(Guid.NewGuid(), 1);
        running.StopForGood();
        running.StopAll(StopReason.Fenced);
        running.StopForGood();

        Assert.Equal(StopReason.Fenced, run.Reason);
    }
}

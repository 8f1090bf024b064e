using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class JourneyTests
{
    [Fact]
    [Trait("Requirement", "JOB-1")]
    public async Task A_submitted_job_runs_and_succeeds_with_its_result()
    {
        await using var node = await TestNode.StartAsync(new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>>
        {
            ["echo"] = (run, _) => Task.FromResult(JobOutcome.Done(new { said = run.Payload })),
        });

        var job = await node.Jobs.SubmitAsync(new JobRequest("echo", """{"a":1}"""));

        var ended = await EndedAsync(node, job.JobId);
        Assert.Equal("Succeeded", ended.State);
        Assert.Contains("\\\"a\\\"", ended.Result, StringComparison.Ordinal);
        Assert.NotNull(ended.EndedAt);
    }

    private static async Task<Job> EndedAsync(TestNode node, Guid id) =>
        (await Eventually.IsAsync(() => node.Jobs.GetAsync(id), job => job?.EndedAt is not null, "the job has ended"))!;
}

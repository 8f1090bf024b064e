using Quartz;

namespace Orchestrator.Service.Sweeps;

/// <summary>What Quartz fires: one job for each sweep, and never two turns of one at once over the cluster.</summary>
[DisallowConcurrentExecution]
internal sealed class SweepTurn(SweepList sweeps, SweepRunner runner) : IJob
{
    /// <summary>Marks a turn that an operator asked for; it is taken also while the sweep is paused.</summary>
    public const string ByHand = "by-hand";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // The store may hold a trigger of other times, or of a node whose settings differ.
        if (sweeps.All.FirstOrDefault(sweep => sweep.Key.Equals(context.JobDetail.Key)) is { } sweep && sweeps.Off(sweep) is null)
            await runner.RunAsync(sweep, context.MergedJobDataMap.ContainsKey(ByHand), cancellationToken);
    }
}

using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Delivery.Reconcile;

/// <summary>Looks at forge and tracker for what no webhook told.</summary>
internal sealed class ReconcileSweep(Reconciler reconciler, ILogger<ReconcileSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation) => Did("factsTold", await reconciler.RunAsync(cancellation));
}

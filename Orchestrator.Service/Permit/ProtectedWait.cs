using Orchestrator.AmazonSqs;

namespace Orchestrator.Service.Permit;

internal static class ProtectedWait
{
    /// <summary>Waits for a permit with a message in hand. Who waits runs nothing yet: a stopping node hands the message back, a lost one is somebody else's.</summary>
    /// <param name="permits">What to wait for.</param>
    /// <param name="lease">The message; null where the transport has no leases.</param>
    /// <param name="protection">Fires when the message's protection is lost.</param>
    /// <param name="stopping">Fires when the node stops; only for a message without a lease, because a lease knows when its own queue is polled no more.</param>
    public static async ValueTask<IDisposable> TakeProtectedAsync(this Permits permits, MessageLease? lease, CancellationToken protection, CancellationToken stopping)
    {
        if (permits.TryTake(out var free))
            return free;

        using var unstarted = CancellationTokenSource.CreateLinkedTokenSource(protection, lease?.Stopping ?? stopping);
        using var waiting = lease?.Wait();
        try
        {
            return await permits.TakeAsync(unstarted.Token);
        }
        catch (OperationCanceledException)
        {
            lease?.GiveUp();
            throw;
        }
    }
}

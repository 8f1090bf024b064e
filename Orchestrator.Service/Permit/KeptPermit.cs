namespace Orchestrator.Service.Permit;

/// <summary>A permit that is given back when its message has passed, unless what the message began goes on and keeps it.</summary>
internal sealed class KeptPermit(IDisposable permit) : IDisposable
{
    private IDisposable? _permit = permit;

    /// <summary>From here the caller gives it back.</summary>
    public IDisposable Keep() => Interlocked.Exchange(ref _permit, null) ?? throw new InvalidOperationException("The permit was given back or kept already.");

    public void Dispose() => Interlocked.Exchange(ref _permit, null)?.Dispose();
}

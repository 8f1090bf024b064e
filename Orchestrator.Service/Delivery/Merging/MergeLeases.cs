using Npgsql;
using Orchestrator.Persistence.Merging;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>Who merges on this node.</summary>
internal interface IMergeNode
{
    /// <summary>Id of the node's present life.</summary>
    Guid Id { get; }
}

/// <summary>What came of asking for a lease.</summary>
internal abstract record LeaseAsked
{
    public sealed record Taken(MergeLease Lease) : LeaseAsked;

    /// <summary>Another task merges, here or elsewhere.</summary>
    /// <param name="Holder">Null if it has ended meanwhile.</param>
    public sealed record Busy(HeldLease? Holder) : LeaseAsked;
}

/// <summary>Gives out the one lease of each repository. It stands in the database, so that nodes see each other's.</summary>
internal sealed class MergeLeases(NpgsqlDataSource database, IMergeNode node, MergingOptions options, TimeProvider time, ILogger<MergeLeases> log)
{
    public async Task<LeaseAsked> TakeAsync(string repository, Guid task, CancellationToken cancellation)
    {
        var asked = time.GetTimestamp();
        return await MergeLedger.TakeAsync(database, repository, task, node.Id, options.Lease, cancellation) is { } token
            ? new LeaseAsked.Taken(new MergeLease(database, repository, token, options.Lease, asked, time, log))
            : new LeaseAsked.Busy(await MergeLedger.HolderAsync(database, repository, cancellation));
    }
}

/// <summary>
/// The right to merge in a repository, until it is disposed or lost. Renewed on a loop of its own; whoever changes anything asks <see cref="HoldsAsync"/> right before, because a
/// process that stood still may hold nothing any more. What slips through between the question and the act, the forge's head check and the lease of the push refuse.
/// </summary>
internal sealed class MergeLease : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly TimeSpan _ttl;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _renewedAt;
    private int _disposed;

    internal MergeLease(NpgsqlDataSource database, string repository, long token, TimeSpan ttl, long asked, TimeProvider time, ILogger log)
    {
        (_database, Repository, Token, _ttl, _renewedAt, _time, _log) = (database, repository, token, ttl, asked, time, log);
        _loop = Task.Run(RenewAsync);
    }

    public string Repository { get; }

    /// <summary>Grows with each holder of the repository.</summary>
    public long Token { get; }

    /// <summary>Cancelled when the lease is another's, or can't be renewed any more.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Is it still ours? Asked of the database, and renewed if so.</summary>
    public async Task<bool> HoldsAsync(CancellationToken cancellation)
    {
        if (_lost.IsCancellationRequested)
            return false;
        var asked = _time.GetTimestamp();
        if (!await MergeLedger.RenewAsync(_database, Repository, Token, _ttl, cancellation))
        {
            await LoseAsync("it is another's now, or was reclaimed");
            return false;
        }

        Volatile.Write(ref _renewedAt, asked);
        return true;
    }

    /// <summary>Gives it back, if it is still ours.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        await _loop;
        try
        {
            await MergeLedger.ReleaseAsync(_database, Repository, Token, CancellationToken.None);
        }
        catch (NpgsqlException exception)
        {
            _log.NotReleased(Repository, Token, exception); // it runs out by itself
        }

        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(_ttl / 3, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested || _lost.IsCancellationRequested)
                return;
            try
            {
                await HoldsAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (NpgsqlException exception)
            {
                _log.NotRenewed(Repository, Token, exception);
                // By our own clock, from before the last renewal was sent: earlier than any other node may take it.
                if (_time.GetElapsedTime(Volatile.Read(ref _renewedAt)) >= _ttl - (_ttl / 6))
                    await LoseAsync("the database did not answer in time");
            }
        }
    }

    private async Task LoseAsync(string why)
    {
        if (_lost.IsCancellationRequested)
            return;
        _log.Lost(Repository, Token, why);
        await _lost.CancelAsync();
    }
}

using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Batching;

namespace Orchestrator.Service.Claim;

/// <summary>"Does this job still wait for a run?", many at once.</summary>
internal sealed class QueuedJobs : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly Batches<Guid, bool> _batches;

    public QueuedJobs(NpgsqlDataSource database)
    {
        _database = database;
        _batches = new(size: 500, parallel: 1, LookAsync);
    }

    public Task<bool> IsQueuedAsync(Guid job) => _batches.Add(job);

    public ValueTask DisposeAsync() => _batches.DisposeAsync();

    private async Task<IReadOnlyList<bool>> LookAsync(IReadOnlyList<Guid> jobs, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        var queued = await JobLedger.QueuedAsync(connection, jobs, cancellation);
        return [.. jobs.Select(queued.Contains)];
    }
}

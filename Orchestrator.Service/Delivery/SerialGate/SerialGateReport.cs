using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Http;

namespace Orchestrator.Service.Delivery.SerialGate;

/// <summary>The serial gate as people see it: over HTTP, and as a block of <c>GET /queue</c>.</summary>
internal sealed class SerialGateReport(NpgsqlDataSource database, DeliveryOptions options) : IQueueBlock
{
    private const int Shown = 1000;

    public string Name => "serial_gate";

    async Task<object?> IQueueBlock.ReadAsync(CancellationToken cancellation) => await ReadAsync(cancellation);

    public async Task<SerialGateView> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var frozen = await TaskLedger.FrozenAsync(connection, cancellation);
        var places = await TaskLedger.SerialGateAsync(connection, Shown, cancellation);
        return new SerialGateView(options.SerialGate.Enabled, frozen, [.. places.GroupBy(place => place.Repository).Select(line => new RepositoryLine(line.Key, [.. line]))]);
    }
}

/// <param name="Enabled">Is there one?</param>
/// <param name="Frozen">Repositories of which nothing begins.</param>
/// <param name="Repositories">Open tasks of each repository, in the order of their turns.</param>
internal sealed record SerialGateView(bool Enabled, IReadOnlyList<FrozenRepository> Frozen, IReadOnlyList<RepositoryLine> Repositories);

/// <summary>A repository's open tasks.</summary>
internal sealed record RepositoryLine(string Repository, IReadOnlyList<GatePlace> Tasks);

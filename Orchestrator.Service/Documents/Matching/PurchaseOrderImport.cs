using Npgsql;
using Orchestrator.Persistence.Documents;

namespace Orchestrator.Service.Documents.Matching;

/// <summary>Stores a file of orders, whole or not at all. Whoever is ordered from is a supplier that is known from then on.</summary>
internal sealed class PurchaseOrderImport(NpgsqlDataSource database, TimeProvider time)
{
    /// <returns>How many suppliers the orders name.</returns>
    public async Task<int> StoreAsync(string tenant, IReadOnlyList<PurchaseOrder> orders, CancellationToken cancellation)
    {
        if (orders.Count == 0)
            return 0;
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var named = orders.DistinctBy(KeyOf).Select(order => new SupplierRow(
            Guid.CreateVersion7(now), order.SupplierName, CompanyName.Normalise(order.SupplierName), Identifiers.Compact(order.SupplierVatId), [])).ToList();
        var suppliers = (await DocumentLedger.UpsertSuppliersAsync(connection, tenant, named, cancellation)).ToDictionary(supplier => (supplier.NameNorm, supplier.VatId), supplier => supplier.Id);
        // The last line about an order counts; its number may be written in two ways.
        var rows = orders.Select(order => new NewOrder(Guid.CreateVersion7(now), order.Number, Identifiers.Normalise(order.Number), suppliers[KeyOf(order)],
                order.Buyer, order.Currency, order.OrderedNet, order.ReceivedNet))
            .GroupBy(order => (order.SupplierId, order.NumberNorm)).Select(same => same.Last()).ToList();
        await DocumentLedger.UpsertOrdersAsync(connection, tenant, rows, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return suppliers.Count;
    }

    private static (string NameNorm, string VatId) KeyOf(PurchaseOrder order) => (CompanyName.Normalise(order.SupplierName), Identifiers.Compact(order.SupplierVatId));
}

using System.Data.Common;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Orchestrator.Persistence.Sagas;

/// <summary>The statements that lock a saga's rows, built once from the EF model.</summary>
internal sealed class SagaTable<TSaga>
    where TSaga : class, ISaga
{
    private static readonly ConditionalWeakTable<IModel, SagaTable<TSaga>> Built = [];

    private readonly IProperty[] _inserted;
    private readonly string _lockOne;
    private readonly string _lockMany;
    private readonly string _insert;

    private SagaTable(IModel model)
    {
        var entity = model.FindEntityType(typeof(TSaga))
            ?? throw new InvalidOperationException($"The saga {typeof(TSaga).Name} is not in the EF model. Map it in OnModelCreating.");
        if (entity.FindPrimaryKey()?.Properties is not [{ Name: nameof(ISaga.CorrelationId) } key])
            throw new InvalidOperationException($"The table of the saga {typeof(TSaga).Name} needs CorrelationId as its key: HasKey(saga => saga.CorrelationId).");
        if (entity.GetComplexProperties().Any() || entity.GetNavigations().Any(navigation => navigation.TargetEntityType.IsOwned()))
            throw new InvalidOperationException($"The saga {typeof(TSaga).Name} has owned or complex properties, and its insert is made of plain columns. Map them as columns.");

        var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table)
            ?? throw new InvalidOperationException($"The saga {typeof(TSaga).Name} is not mapped to a table. Call ToTable in OnModelCreating.");
        if (entity.GetProperties().FirstOrDefault(property => property != key && property.ValueGenerated != ValueGenerated.Never) is { } generated)
            throw new InvalidOperationException($"{typeof(TSaga).Name}.{generated.Name} is filled in by the database, and an inserted saga would not know its value. Leave it out of the model, or set it in code.");
        string Column(IProperty property) => Quote(property.GetColumnName(table)!);

        // A column list and not *: a prepared statement survives a migration that adds a column.
        var columns = string.Join(", ", entity.GetProperties().Select(Column));
        var name = table.Schema is null ? Quote(table.Name) : $"{Quote(table.Schema)}.{Quote(table.Name)}";
        _inserted = [.. entity.GetProperties()];
        _lockOne = $"SELECT {columns} FROM {name} WHERE {Column(key)} = {{0}} FOR UPDATE";
        _lockMany = $"SELECT {columns} FROM {name} WHERE {Column(key)} = ANY ({{0}}) ORDER BY {Column(key)} FOR UPDATE";
        _insert = $"INSERT INTO {name} ({string.Join(", ", _inserted.Select(Column))}) "
            + $"VALUES ({string.Join(", ", _inserted.Select((_, index) => $"@p{index}"))}) ON CONFLICT ({Column(key)}) DO NOTHING";
    }

    public static SagaTable<TSaga> Of(DbContext db) => Built.GetValue(db.Model, static model => new SagaTable<TSaga>(model));

    public async Task<TSaga?> LockAsync(DbContext db, Guid correlationId, CancellationToken cancellationToken)
    {
        await foreach (var saga in db.Set<TSaga>().FromSqlRaw(_lockOne, correlationId).AsTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
            return saga;
        return null;
    }

    /// <summary>The filter is applied again, because a row may have left it while this call waited for the row's lock.</summary>
    public async Task<IReadOnlyList<TSaga>> LockAsync(
        DbContext db, Guid[] correlationIds, Expression<Func<TSaga, bool>> filter, CancellationToken cancellationToken) =>
        await db.Set<TSaga>().FromSqlRaw(_lockMany, correlationIds).Where(filter).AsTracking().ToListAsync(cancellationToken);

    /// <summary>
    /// False if the row exists. Waits for a concurrent inserter of the same key, and does not poison the transaction as a violated key would.
    /// </summary>
    public async Task<bool> InsertIfAbsentAsync(DbContext db, TSaga saga, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = _insert;
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        for (var index = 0; index < _inserted.Length; index++)
            command.Parameters.Add(Parameter(command, index, saga));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private DbParameter Parameter(DbCommand command, int index, TSaga saga)
    {
        var property = _inserted[index];
        return property.GetRelationalTypeMapping().CreateParameter(command, $"p{index}", property.GetGetter().GetClrValue(saga), property.IsNullable);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

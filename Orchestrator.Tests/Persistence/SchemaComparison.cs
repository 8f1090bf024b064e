using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Persistence;

/// <summary>
/// Two databases side by side: one made by <c>migrations/</c>, one by EF from a model. What stands in one only is a column, constraint or index
/// that the other does not know, as a line of text; only tables that the model maps are looked at.
/// </summary>
public sealed record SchemaComparison(IReadOnlyList<string> OnlyInMigrations, IReadOnlyList<string> OnlyInModel)
{
    private const string Catalogue =
        """
        WITH tables AS (
            SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY ($1))
        SELECT t.name || ' column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
               || CASE a.attidentity::text WHEN '' THEN '' ELSE ' identity ' || a.attidentity::text END
               || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        UNION ALL
        SELECT t.name || ' constraint ' || c.conname || ' ' || pg_get_constraintdef(c.oid) FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid
        UNION ALL
        SELECT t.name || ' index ' || pg_get_indexdef(i.indexrelid) FROM tables t JOIN pg_index i ON i.indrelid = t.oid
        WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
        ORDER BY 1
        """;

    /// <summary>Compares the migrations of this build with the model of a context.</summary>
    /// <param name="create">Makes the context on the options given.</param>
    public static async Task<SchemaComparison> OfAsync<TDb>(Func<DbContextOptions<TDb>, TDb> create)
        where TDb : DbContext
    {
        var environment = await Shared.Environment;
        await using var migrated = NpgsqlDataSource.Create(await environment.CreateDatabaseAsync(Shared.Unique("migrated")));
        await using var modelled = NpgsqlDataSource.Create(await environment.CreateDatabaseAsync(Shared.Unique("modelled")));
        await Migrator.ApplyAsync(migrated);

        await using var db = create(new DbContextOptionsBuilder<TDb>().UseNpgsql(modelled).Options);
        await using (var script = modelled.CreateCommand(db.Database.GenerateCreateScript()))
            await script.ExecuteNonQueryAsync();

        var tables = db.Model.GetEntityTypes().Select(entity => $"{entity.GetSchema() ?? "public"}.{entity.GetTableName()}").Distinct().ToArray();
        var fromMigrations = await ReadAsync(migrated, tables);
        var fromModel = await ReadAsync(modelled, tables);
        return new SchemaComparison([.. fromMigrations.Except(fromModel)], [.. fromModel.Except(fromMigrations)]);
    }

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource database, string[] tables)
    {
        await using var command = database.CreateCommand(Catalogue);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = tables });
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }
}

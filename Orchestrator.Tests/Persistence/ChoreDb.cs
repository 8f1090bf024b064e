using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Persistence;

/// <summary>What a consumer of the tests leaves behind, once per message that it handled.</summary>
public sealed class Effect
{
    public long Id { get; set; }

    public Guid ChoreId { get; set; }
}

public sealed class ChoreDb(DbContextOptions<ChoreDb> options) : DbContext(options)
{
    private const string Tables =
        """
        CREATE TABLE chores (
            id uuid NOT NULL CONSTRAINT pk_chores PRIMARY KEY,
            state text NOT NULL,
            run_id bigint,
            started_at timestamp with time zone,
            attempts integer NOT NULL,
            CONSTRAINT ck_chores_queued_clean CHECK (state <> 'Queued' OR (run_id IS NULL AND started_at IS NULL)),
            CONSTRAINT ck_chores_running_has_run CHECK (state <> 'Running' OR (run_id IS NOT NULL AND started_at IS NOT NULL)));
        CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, chore_id uuid NOT NULL);
        """;

    public DbSet<Chore> Chores => Set<Chore>();

    public DbSet<Effect> Effects => Set<Effect>();

    /// <summary>A migrated database of its own with the chores' tables; the way that the service opens it.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        var environment = await Shared.Environment;
        var connectionString = Tune(await environment.CreateDatabaseAsync(Shared.Unique("chores")));
        await Migrator.ApplyAsync(connectionString);
        await using var database = NpgsqlDataSource.Create(connectionString);
        await database.CreateCommand(Tables).ExecuteNonQueryAsync();
        return connectionString;
    }

    public static string Tune(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 100, NoResetOnClose = true, MaxPoolSize = 20 }.ConnectionString;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutbox();
        modelBuilder.Entity<Chore>(chore =>
        {
            chore.ToTable("chores");
            chore.HasKey(row => row.CorrelationId);
            chore.Property(row => row.CorrelationId).HasColumnName("id");
            chore.Property(row => row.State).HasColumnName("state");
            chore.Property(row => row.RunId).HasColumnName("run_id");
            chore.Property(row => row.StartedAt).HasColumnName("started_at");
            chore.Property(row => row.Attempts).HasColumnName("attempts");
        });
        modelBuilder.Entity<Effect>(effect =>
        {
            effect.ToTable("effects");
            effect.Property(row => row.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            effect.Property(row => row.ChoreId).HasColumnName("chore_id");
        });
    }
}

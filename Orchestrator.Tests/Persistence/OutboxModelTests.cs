using Microsoft.EntityFrameworkCore;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Tests.Persistence;

public sealed class OutboxModelTests
{
    [Fact]
    public async Task The_model_and_the_migrations_describe_the_same_outbox_but_for_the_sequence()
    {
        var schemas = await SchemaComparison.OfAsync<OutboxDb>(options => new OutboxDb(options));

        Assert.Empty(schemas.OnlyInModel);
        Assert.Equal(["orchestrator.outbox column seq bigint not null identity a"], schemas.OnlyInMigrations);
    }

    [Fact]
    public async Task A_column_that_only_the_model_knows_is_found()
    {
        var schemas = await SchemaComparison.OfAsync<WrongOutboxDb>(options => new WrongOutboxDb(options));

        Assert.Contains("orchestrator.outbox column colour text", schemas.OnlyInModel);
        Assert.Contains("orchestrator.outbox column body text not null", schemas.OnlyInMigrations);
        Assert.Contains("orchestrator.outbox column body character varying(10) not null", schemas.OnlyInModel);
    }

    private sealed class OutboxDb(DbContextOptions<OutboxDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddOutbox();
    }

    private sealed class WrongOutboxDb(DbContextOptions<WrongOutboxDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) =>
            modelBuilder.AddOutbox().Entity<OutboxRow>(row =>
            {
                row.Property(outbox => outbox.Body).HasMaxLength(10);
                row.Property<string?>("Colour").HasColumnName("colour");
            });
    }
}

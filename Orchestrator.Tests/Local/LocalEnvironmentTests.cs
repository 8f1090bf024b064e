using Npgsql;
using Orchestrator.Local;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class LocalEnvironmentTests
{
    [Fact]
    public async Task A_database_made_by_name_is_there_and_empty()
    {
        var environment = await Shared.Environment;
        var name = Shared.Unique("odd \"name\" ä");

        await using var source = NpgsqlDataSource.Create(await environment.CreateDatabaseAsync(name));

        Assert.Equal(name, await source.CreateCommand("SELECT current_database()").ExecuteScalarAsync());
        Assert.Equal(0L, await source.CreateCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").ExecuteScalarAsync());
    }
}

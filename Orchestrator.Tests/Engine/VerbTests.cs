using Npgsql;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>What an operator gets wrong is told in sentences, with an exit code of sysexits.h and without a stack trace.</summary>
public sealed class VerbTests
{
    private const string Setting = "Orchestrator__Database__ConnectionString";

    [Theory]
    [InlineData("queue")]
    [InlineData("migrate", "--dry-run")]
    [InlineData("submit", "ingestion")]
    [InlineData("serve")]
    public async Task A_database_that_is_away_is_named(params string[] verb)
    {
        var end = await RunAsync("Host=127.0.0.1;Port=1;Database=x;Username=u;Password=s3cret", verb);

        Assert.Equal(
            (69, "PostgreSQL at 127.0.0.1:1 can't be reached: Connection refused. Check that it runs, and Host and Port in Orchestrator:Database:ConnectionString."),
            (end.ExitCode, end.Errors.Trim()));
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_not_repeated()
    {
        var database = new NpgsqlConnectionStringBuilder((await Shared.Environment).ConnectionString) { Password = "s3cret" };

        var end = await RunAsync(database.ConnectionString, "queue");

        Assert.Equal(
            (78, $"PostgreSQL at {database.Host}:{database.Port} refuses the user: password authentication failed for user \"{database.Username}\". Check Username and Password in Orchestrator:Database:ConnectionString."),
            (end.ExitCode, end.Errors.Trim()));
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named_with_the_remedy()
    {
        var database = new NpgsqlConnectionStringBuilder((await Shared.Environment).ConnectionString) { Database = "nowhere" };

        var end = await RunAsync(database.ConnectionString, "migrate");

        Assert.Equal(78, end.ExitCode);
        Assert.EndsWith("has no such database: database \"nowhere\" does not exist. Create it, or correct Database in Orchestrator:Database:ConnectionString.", end.Errors.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_the_schema_is_to_be_migrated_first()
    {
        var connection = await (await Shared.Environment).CreateDatabaseAsync(Shared.Unique("bare"));

        var end = await RunAsync(connection, "queue");

        Assert.Equal(69, end.ExitCode);
        Assert.EndsWith("lacks this version's schema: relation \"orchestrator.job\" does not exist. Run migrate first.", end.Errors.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bogus")]
    [InlineData("extract")]
    [InlineData("serve --bogus")]
    [InlineData("submit ingestion --priority x")]
    public async Task A_command_line_that_makes_no_sense_prints_its_help_among_the_errors(string line)
    {
        var end = await RunAsync(null, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((64, ""), (end.ExitCode, end.Output.Trim()));
        Assert.Contains("Usage:\n  orchestrator ", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
    }

    private static Task<CommandResult> RunAsync(string? connectionString, params string[] arguments) => Command.RunAsync(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Service.dll"), .. arguments], environment: new Dictionary<string, string?> { [Setting] = connectionString });
}

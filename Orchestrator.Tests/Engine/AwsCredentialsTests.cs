using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class AwsCredentialsTests
{
    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task A_node_on_SQS_without_credentials_ends_and_says_where_it_looked_and_what_helps()
    {
        var environment = await Shared.Environment;
        using var home = new TemporaryFolder();

        var end = await Command.RunAsync("dotnet", [typeof(Service.Hosting.OrchestratorHost).Assembly.Location, "serve"], environment: new Dictionary<string, string?>
        {
            ["AWS_ACCESS_KEY_ID"] = null,
            ["AWS_SECRET_ACCESS_KEY"] = null,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["HOME"] = home.Path,
            ["Orchestrator__Database__ConnectionString"] = await environment.CreateDatabaseAsync(Shared.Unique("keys")),
            ["Orchestrator__Bus__ServiceUrl"] = environment.ServiceUrl.ToString(),
            ["Orchestrator__Bus__Prefix"] = Shared.Unique("k") + "-",
            ["Orchestrator__Http__Url"] = "http://127.0.0.1:0",
        });

        Assert.Equal(78, end.ExitCode);
        Assert.Contains("No AWS credentials are found", end.Errors, StringComparison.Ordinal);
        Assert.Contains("AWS_ACCESS_KEY_ID", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
    }
}

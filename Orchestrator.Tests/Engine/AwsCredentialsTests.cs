using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.Local.StandIns;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>Each node is a process of its own: what the SDK has found, it keeps for the life of the process.</summary>
[Trait("Requirement", "OPS-5")]
public sealed class AwsCredentialsTests
{
    [Fact]
    public async Task A_node_without_credentials_says_within_seconds_who_needs_them_where_they_were_looked_for_and_what_to_do()
    {
        var (node, took) = await ServeAsync(("AWS_EC2_METADATA_DISABLED", "true"));

        Assert.Equal(78, node.ExitCode);
        Assert.Contains("AWS credentials are needed for SQS and SNS (Orchestrator:Bus:Transport is AmazonSqs) and for S3 (Orchestrator:Documents:Bucket is set)", node.Errors, StringComparison.Ordinal);
        Assert.Contains("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the container or instance a role.", node.Errors, StringComparison.Ordinal);
        Assert.Contains("The environment variables AWS_ACCESS_KEY_ID/AWS_SECRET_ACCESS_KEY/AWS_SESSION_TOKEN were not set", node.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", node.Output + node.Errors, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Metadata_that_never_answers_is_not_waited_for()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // the system takes connections, and nobody reads them

        var (node, took) = await ServeAsync(("AWS_EC2_METADATA_SERVICE_ENDPOINT", $"http://{silent.LocalEndpoint}"), ("AWS_EC2_METADATA_DISABLED", null));

        Assert.Equal(78, node.ExitCode);
        Assert.Contains("AWS credentials are needed", node.Errors, StringComparison.Ordinal);
        Assert.Contains("No answer within 10 s", node.Errors, StringComparison.Ordinal); // it was given up, and did not say no
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Credentials_of_a_container_are_found_and_the_node_goes_on_to_its_database()
    {
        var role = new JsonObject { ["AccessKeyId"] = "test", ["SecretAccessKey"] = "test", ["Token"] = "test", ["Expiration"] = "2099-01-01T00:00:00Z" };
        await using var container = await StandInServer.StartAsync(_ => Task.FromResult(new StandInAnswer(200, role)), TimeProvider.System, CancellationToken.None);

        var (node, _) = await ServeAsync(("AWS_CONTAINER_CREDENTIALS_FULL_URI", new Uri(container.Url, "/role").ToString()), ("AWS_EC2_METADATA_DISABLED", "true"));

        Assert.NotEmpty(container.Taken);
        Assert.DoesNotContain("AWS credentials are needed", node.Errors, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", node.Errors, StringComparison.Ordinal); // its database, which is not there
    }

    private static async Task<(CommandResult Node, TimeSpan Took)> ServeAsync(params (string Name, string? Value)[] environment)
    {
        var variables = new Dictionary<string, string?>
        {
            ["Orchestrator__Database__ConnectionString"] = "Host=127.0.0.1;Port=1;Database=nowhere;Username=nobody",
            ["Orchestrator__Documents__Bucket"] = "inbox",
            ["Orchestrator__Http__Url"] = "http://127.0.0.1:0",
            ["AWS_CONFIG_FILE"] = "/dev/null",
            ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
        };
        foreach (var name in new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE" })
            variables[name] = null;
        foreach (var (name, value) in environment)
            variables[name] = value;
        var started = Stopwatch.GetTimestamp();
        var node = await Command.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Service.dll"), "serve"], environment: variables);
        return (node, Stopwatch.GetElapsedTime(started));
    }
}

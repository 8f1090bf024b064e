using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orchestrator.Service.Hosting;
using Orchestrator.Tests.Infrastructure;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Orchestrator.Tests.Local;

/// <summary>There is no container engine where the tests run, so what an engine would refuse late is read early.</summary>
public sealed class ContainerFilesTests
{
    private static readonly Dictionary<object, object> Services = (Dictionary<object, object>)Compose()["services"];

    public static TheoryData<string> Ours => new(Services.Keys.Cast<string>().Where(service => EnvironmentOf(service).Keys.Any(IsOurs)));

    [Theory]
    [MemberData(nameof(Ours))]
    [Trait("Requirement", "OPS-5")]
    public void Every_setting_of_a_service_is_known_and_keeps_the_rules(string service)
    {
        var settings = EnvironmentOf(service).Where(variable => IsOurs(variable.Key)).ToDictionary(variable => variable.Key.Replace("__", ":", StringComparison.Ordinal), variable => variable.Value);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings!);

        builder.AddSettings(); // names all unknown keys, broken rules and values that can't be read

        Assert.NotEmpty(settings);
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public void Other_variables_are_those_of_the_AWS_conventions(string service)
        => Assert.All(EnvironmentOf(service).Keys.Where(name => !IsOurs(name)), name => Assert.StartsWith("AWS_", name, StringComparison.Ordinal));

    [Fact]
    [Trait("Requirement", "SEC-1")]
    public void Ports_are_published_on_loopback_only()
    {
        var ports = Services.Values.Cast<Dictionary<object, object>>().Where(service => service.ContainsKey("ports")).SelectMany(service => (List<object>)service["ports"]);

        Assert.NotEmpty(ports);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", (string)port, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_nodes_wait_for_one_migration_and_have_names_and_addresses_of_their_own()
    {
        var nodes = Services.Keys.Cast<string>().Where(name => name.StartsWith("node-", StringComparison.Ordinal)).ToList();

        Assert.Equal(2, nodes.Count);
        Assert.Equal(2, nodes.Select(node => EnvironmentOf(node)["Orchestrator__Node__Name"]).Distinct().Count());
        Assert.Equal(2, nodes.Select(node => EnvironmentOf(node)["Orchestrator__Http__Url"]).Distinct().Count());
        Assert.All(nodes, node => Assert.Equal("service_completed_successfully", At(Services[node], "depends_on", "migrate", "condition")));
        Assert.All(nodes, node => Assert.Equal("false", EnvironmentOf(node)["Orchestrator__Database__MigrateAtStart"]));
        Assert.Equal(["migrate"], (List<object>)At(Services["migrate"], "command"));
    }

    [Fact]
    public void Passwords_come_from_outside()
    {
        var secrets = Services.Keys.Cast<string>().SelectMany(EnvironmentOf)
            .Where(variable => variable.Key.EndsWith("PASSWORD", StringComparison.Ordinal) || variable.Value.Contains("Password=", StringComparison.Ordinal))
            .Select(variable => variable.Value.Split("Password=")[^1]);

        Assert.NotEmpty(secrets);
        Assert.All(secrets, secret => Assert.StartsWith("${POSTGRES_PASSWORD:?", secret, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_image_that_is_run_exists_as_a_stage_has_a_health_check_and_is_not_root()
    {
        var stages = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile")).Split("\nFROM ").Skip(1).ToDictionary(stage => stage.Split('\n')[0].Split(" AS ")[1]);
        var run = Services.Values.Where(service => ((Dictionary<object, object>)service).ContainsKey("build")).Select(service => (string)At(service, "build", "target")).Distinct();

        Assert.All(run, target =>
        {
            var lines = stages[target].Split('\n');
            var user = lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal));
            Assert.DoesNotContain(user, new[] { "USER root", "USER 0" });
            Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task The_health_check_tells_a_well_node_from_a_missing_one()
    {
        await using var node = await TestNode.StartAsync(new Dictionary<string, Func<Service.Run.JobRun, CancellationToken, Task<Service.Run.JobOutcome>>>());
        var healthy = Path.Combine(Repository.Root, "scripts", "healthy");

        var well = await Eventually.IsAsync(() => Command.RunAsync(healthy, [], environment: Asking(node.Url)), result => result.ExitCode == 0, "the node is well");
        var missing = await Command.RunAsync(healthy, [], environment: Asking(new Uri("http://127.0.0.1:1")));

        Assert.Equal(new CommandResult(0, "", ""), well);
        Assert.NotEqual(0, missing.ExitCode);
    }

    private static string ComposeText => File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"));

    private static Dictionary<object, object> Compose()
        => new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(new StringReader(ComposeText))));

    private static bool IsOurs(string variable) => variable.StartsWith(OptionSections.Root + "__", StringComparison.Ordinal);

    private static Dictionary<string, string> EnvironmentOf(string service)
        => ((Dictionary<object, object>)Services[service]).TryGetValue("environment", out var environment)
            ? ((Dictionary<object, object>)environment).ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value)
            : [];

    private static object At(object node, params string[] path) => path.Aggregate(node, (inner, key) => ((Dictionary<object, object>)inner)[key]);

    private static Dictionary<string, string?> Asking(Uri address) => new() { ["Orchestrator__Http__Url"] = address.ToString() };
}

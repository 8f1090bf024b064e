using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>Keys that hold a repository's name can't be exported by a shell; a file takes them.</summary>
[Trait("Requirement", "OPS-5")]
public sealed class SettingsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_file_says_counts_also_for_keys_with_a_slash()
    {
        var end = await QueueAsync("""{ "Orchestrator": { "Delivery": { "PostDeploy": { "team/app": { "Window": "2.00:00:00" } } } } }""");

        Assert.Equal(78, end.ExitCode);
        Assert.Contains("Orchestrator:Delivery:PostDeploy:team/app:Window must be 1 s to 1 day", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_goes_before_it()
    {
        var end = await QueueAsync("""{ "Orchestrator": { "Work": { "Permits": "0" } } }""", ("Orchestrator__Work__Permits", "3"));

        Assert.Equal(69, end.ExitCode); // the settings are right: the database is away
    }

    [Theory]
    [InlineData("{ not json", "which can't be read as JSON: ")]
    [InlineData(null, "must name a file of settings by an absolute path. Found: ")]
    public async Task A_file_that_can_not_be_used_is_told(string? content, string words)
    {
        var end = await QueueAsync(content);

        Assert.Equal(78, end.ExitCode);
        Assert.Contains(words, end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_that_the_readme_shows_are_right()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        var shown = page.Split("```json", 2)[1].Split("```", 2)[0];

        var end = await QueueAsync(shown, [.. new[] { "FORGE_TOKEN", "TRACKER_KEY", "FORGE_HOOK", "TRACKER_HOOK", "TELEGRAM_TOKEN", "ANTHROPIC_API_KEY" }.Select(name => (name, "secret"))]);

        Assert.True(end.ExitCode == 69, end.Errors); // only the database is away
    }

    [Fact]
    public async Task What_is_held_against_each_other_at_the_start_is_told_before_the_database_is_asked_and_in_words_alone()
    {
        var end = await RunAsync("serve", """{ "Orchestrator": { "Bus": { "Transport": "InMemory" }, "Http": { "Url": "http://127.0.0.1:0" }, "Delivery": { "Enabled": true, "Folder": "/nowhere" } } }""");

        Assert.Equal(78, end.ExitCode);
        Assert.Contains("the agent of stage analysis, agent, is not a command of lane agents", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors + end.Output, StringComparison.Ordinal);
    }

    private Task<CommandResult> QueueAsync(string? content, params (string Name, string Value)[] more) => RunAsync("queue", content, more);

    private async Task<CommandResult> RunAsync(string verb, string? content, params (string Name, string Value)[] more)
    {
        var path = Path.Combine(_folder.Path, "settings.json");
        if (content is not null)
            await File.WriteAllTextAsync(path, content);
        var environment = more.ToDictionary(setting => setting.Name, setting => (string?)setting.Value);
        environment["ORCHESTRATOR_SETTINGS"] = path;
        environment["Orchestrator__Database__ConnectionString"] = "Host=127.0.0.1;Port=1;Database=x;Username=u;Password=s3cret";
        return await Command.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Service.dll"), verb], environment: environment);
    }
}

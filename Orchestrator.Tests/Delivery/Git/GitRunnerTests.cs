using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Git;

/// <summary>How git is run: alone with its arguments, within bounds, and without telling anybody a secret.</summary>
[Trait("Requirement", "FLOW-3")]
public sealed class GitRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GitOptions _options = new();

    private GitRunner Runner => new(_options, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_missing_folder_is_not_blamed_on_git()
    {
        var result = await Runner.RunAsync(Path.Combine(_folder.Path, "gone"), ["status"], CancellationToken.None);

        Assert.Equal(GitFault.FolderMissing, result.Fault);
        Assert.Contains("gone is not there", Assert.Throws<GitFailedException>(() => result.Must("looking")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_names_what_was_done_and_what_git_said()
    {
        var failed = Assert.Throws<GitFailedException>(() => Runner.RunAsync(_folder.Path, ["log"], CancellationToken.None).GetAwaiter().GetResult().Must("listing"));

        Assert.Contains("listing: git ended with 128: fatal: not a git repository", failed.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await Runner.RunAsync(_folder.Path, ["config", "--get", "none.such"], CancellationToken.None)).Must("asking", 0, 1).ExitCode);
    }

    [Fact]
    public async Task At_its_time_it_ends_with_all_that_it_started()
    {
        var mark = Mark();
        _options.Timeout = TimeSpan.FromSeconds(1);

        var result = await Runner.RunAsync(_folder.Path, ["-c", $"alias.hang=!setsid sleep {mark} & sleep {mark} & trap '' TERM; sleep {mark}; sleep {mark}", "hang"], CancellationToken.None);

        Assert.Equal(GitFault.TimedOut, result.Fault);
        Assert.Empty(Sleeping(mark));
    }

    [Fact]
    public async Task Cancelled_it_leaves_nothing()
    {
        var mark = Mark();
        using var cancellation = new CancellationTokenSource();
        var running = Runner.RunAsync(_folder.Path, ["-c", $"alias.hang=!sleep {mark}", "hang"], cancellation.Token);
        await Eventually.IsTrueAsync(() => Sleeping(mark).Any(), "it sleeps");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(Sleeping(mark));
    }

    [Fact]
    public async Task More_output_than_is_kept_is_told_and_never_taken_for_all()
    {
        var result = await Runner.RunAsync(_folder.Path, ["-c", "alias.flood=!yes | head -c 9000000", "flood"], new GitCall(OutputBytes: 1000), CancellationToken.None);

        Assert.Equal((1000, true, false), (result.Output.Length, result.Truncated, result.Succeeded));
        Assert.Equal(GitFault.TooMuch, Assert.Throws<GitFailedException>(() => result.Must("reading")).Fault);
    }

    [Fact]
    public async Task Settings_of_the_machine_and_the_user_are_not_read()
    {
        var origins = (await Runner.RunAsync(_folder.Path, ["config", "--list", "--show-scope"], CancellationToken.None)).Must("listing").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var environment = GitEnvironment.Of(_options, null, null);

        Assert.All(origins, line => Assert.StartsWith("command", line, StringComparison.Ordinal));
        Assert.Equal(("1", "/dev/null", "0", "C"), (environment["GIT_CONFIG_NOSYSTEM"], environment["GIT_CONFIG_GLOBAL"], environment["GIT_TERMINAL_PROMPT"], environment["LC_ALL"]));
        Assert.Contains("BatchMode=yes", environment["GIT_SSH_COMMAND"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hooks_of_a_repository_are_not_run()
    {
        GitScene.Run(_folder.Path, "init", "--quiet");
        GitScene.Hook(Path.Combine(_folder.Path, ".git"), "pre-commit", "touch \"$PWD/ran\"\nexit 1\n");

        (await Runner.RunAsync(_folder.Path, ["commit", "--quiet", "--allow-empty", "-m", "x"], CancellationToken.None)).Must("committing");

        Assert.False(File.Exists(Path.Combine(_folder.Path, "ran")));
        Assert.Equal("Orchestrator <orchestrator@localhost>", GitScene.Run(_folder.Path, "log", "--format=%an <%ae>"));
    }

    [Fact]
    public async Task An_address_that_is_a_command_is_refused()
    {
        var result = await Runner.RunAsync(_folder.Path, ["ls-remote", "ext::sh -c touch% ran"], CancellationToken.None);

        Assert.NotEqual(0, result.ExitCode);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "ran")));
    }

    [Fact]
    public async Task The_token_goes_to_its_server_and_nowhere_else()
    {
        const string Token = "s3cr3t-token-value";
        var variable = $"GIT_TOKEN_{Mark()}";
        Environment.SetEnvironmentVariable(variable, Token);
        _options.TokenVariable = variable;
        var (url, authorization, arguments) = ("", "", new List<string>());
        await using var server = await StandInServer.StartAsync(
            request =>
            {
                authorization = request.Http.Headers.Authorization.ToString();
                arguments = [.. Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)).Select(Cmdline).Where(text => text.Contains(url, StringComparison.Ordinal))];
                return Task.FromResult(StandInAnswer.Empty(403));
            }, TimeProvider.System, CancellationToken.None);
        url = server.Url.GetLeftPart(UriPartial.Authority);

        var result = await Runner.RunAsync(_folder.Path, ["ls-remote", $"{url}/acme/app.git"], new GitCall($"{url}/acme/app.git"), CancellationToken.None);
        var elsewhere = await Runner.RunAsync(_folder.Path, ["config", "--get-urlmatch", "http.extraHeader", "https://other.example/x"], new GitCall($"{url}/acme/app.git"), CancellationToken.None);

        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"orchestrator:{Token}")), authorization);
        Assert.NotEmpty(arguments);
        Assert.All([.. arguments, result.Error, result.Text], text =>
        {
            Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
            Assert.DoesNotContain("Basic", text, StringComparison.Ordinal);
        });
        Assert.Equal(GitFault.Refused, GitFaults.Of(result.Error));
        Assert.Empty(elsewhere.Text);
        Assert.DoesNotContain("extraHeader", string.Join(' ', GitEnvironment.Of(_options, null, Token).Values), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_server_that_is_not_there_may_come_back_and_a_repository_that_is_not_there_may_not()
    {
        var away = await Runner.RunAsync(_folder.Path, ["ls-remote", "http://127.0.0.1:1/a/b.git"], CancellationToken.None);
        var missing = await Runner.RunAsync(_folder.Path, ["ls-remote", Path.Combine(_folder.Path, "none.git")], CancellationToken.None);

        Assert.Equal(GitFault.Unreachable, GitFaults.Of(away.Error));
        Assert.Equal(GitFault.Refused, GitFaults.Of(missing.Error));
    }

    private static string Mark() => RandomNumberGenerator.GetInt32(100_000_000, 999_999_999).ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Sleeping(string mark) =>
        Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)).Where(path => Cmdline(path).StartsWith($"sleep\0{mark}", StringComparison.Ordinal) && !State(path));

    private static bool State(string path)
    {
        try
        {
            return File.ReadAllText(path + "/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string Cmdline(string path)
    {
        try
        {
            return File.ReadAllText(path + "/cmdline");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

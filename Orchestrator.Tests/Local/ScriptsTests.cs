using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class ScriptsTests
{
    [Fact]
    public async Task Two_first_calls_at_once_build_once_and_pass_arguments_output_and_exit_code_through()
    {
        using var clone = new ScratchClone();

        var calls = await Task.WhenAll(
            Command.RunAsync(clone.At("orchestrator"), ["first", "two words"], folder: "/"),
            Command.RunAsync(clone.At("orchestrator"), ["second", "*", ""], folder: "/"));

        Assert.Equal(new CommandResult(2, "first|two words\n", ""), calls[0]);
        Assert.Equal(new CommandResult(3, "second|*|\n", ""), calls[1]);
        Assert.Single(await File.ReadAllLinesAsync(clone.At("artifacts/builds")));
    }

    [Fact]
    public async Task A_build_that_fails_is_told_with_its_errors()
    {
        using var clone = new ScratchClone();
        clone.Write("Orchestrator.Service/Program.cs", "return missing;");

        var call = await Command.RunAsync(clone.At("orchestrator"), []);

        Assert.Equal((1, ""), (call.ExitCode, call.Output));
        Assert.Contains("error CS0103", call.Errors, StringComparison.Ordinal);
        Assert.Contains("The build failed", call.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("KILL", 137)]
    public async Task Ended_while_it_builds_it_leaves_no_process(string signal, int exitCode)
    {
        using var clone = new ScratchClone();
        clone.Write("Orchestrator.Service/Orchestrator.Service.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <Target Name="TakeLong" BeforeTargets="Build;Restore;CollectPackageReferences"><Exec Command="sleep 600" /></Target>
            </Project>
            """);
        using var call = Command.Start(clone.At("orchestrator"), []);
        await Eventually.IsTrueAsync(() => Command.LinesOfProcessesIn(clone.Root).Any(line => line.StartsWith("sleep", StringComparison.Ordinal)), "the build is at work");

        await call.SignalAsync(signal);

        Assert.Equal(exitCode, (await call.EndAsync()).ExitCode);
        await Eventually.IsTrueAsync(() => Command.LinesOfProcessesIn(clone.Root).Count == 0, "no process is left");
    }

    [Fact]
    public async Task A_user_without_a_home_can_build()
    {
        using var clone = new ScratchClone();

        var call = await Command.RunAsync(clone.At("orchestrator"), [], environment: new Dictionary<string, string?> { ["HOME"] = "/proc/none" });

        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
    }

    [Fact]
    public async Task What_a_build_that_was_cut_off_left_half_written_does_not_break_the_next()
    {
        using var clone = new ScratchClone();
        const string Reads = """<Target Name="Stumble" BeforeTargets="CoreCompile"><Error Condition="Exists('$(ArtifactsPath)/obj/half')" Text="Half a file is there." /></Target>""";
        clone.Write("Orchestrator.Service/Orchestrator.Service.csproj", $"""<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>{Reads}</Project>""");
        clone.Write("artifacts/obj/half", "");
        clone.Write("artifacts/stamps/Orchestrator.Service.new", clone.Root); // a build makes it at its begin and takes it away at its end

        var call = await Command.RunAsync(clone.At("orchestrator"), []);

        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
    }

    [Fact]
    public async Task Without_a_package_and_without_root_it_says_what_to_install()
    {
        using var clone = new ScratchClone();
        Directory.CreateDirectory(clone.At("bin"));
        foreach (var program in Directory.EnumerateFiles("/usr/bin").Where(program => Path.GetFileName(program) != "qpdf"))
            File.CreateSymbolicLink(clone.At($"bin/{Path.GetFileName(program)}"), program);
        string[] asSomebody = Environment.IsPrivilegedProcess ? ["--reuid=65534", "--regid=65534", "--clear-groups", "--"] : ["--"];

        var call = await Command.RunAsync("setpriv", [.. asSomebody, "bash", clone.At("orchestrator")], folder: "/", new Dictionary<string, string?> { ["PATH"] = clone.At("bin") });

        Assert.Equal((1, ""), (call.ExitCode, call.Output));
        Assert.StartsWith("Debian packages are missing: ", call.Errors, StringComparison.Ordinal);
        Assert.Contains("qpdf", call.Errors, StringComparison.Ordinal);
        Assert.Contains("Install them as root: apt-get install", call.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tests_that_the_script_counts_as_left_out_are_those_with_the_attributes()
    {
        var counted = await Command.RunAsync(Path.Combine(Repository.Root, "scripts", "left-out"), []);

        var built = typeof(ScriptsTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Count(method => method.IsDefined(typeof(SharedDataFactAttribute), false) || method.IsDefined(typeof(SharedDataTheoryAttribute), false));
        Assert.Equal($"{built}\n", counted.Output);
    }
}

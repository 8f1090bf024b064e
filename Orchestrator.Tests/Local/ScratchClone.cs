using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

/// <summary>
/// The root scripts in a folder with a space in its name, around projects of a few lines: what the scripts do is real, and takes
/// seconds. Nothing of the repository but its scripts and package versions is in it.
/// </summary>
public sealed class ScratchClone : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ScratchClone()
    {
        Directory.CreateDirectory(Root);
        // By a child, for the reason that Script tells.
        Assert.Equal(new CommandResult(0, "", ""), Command.RunAsync(
            "cp", ["--parents", "--preserve=mode", "run", "test", "orchestrator", "scripts/setup.sh", "scripts/left-out", "global.json", "Directory.Packages.props", Root], Repository.Root).GetAwaiter().GetResult());
        Write("Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RunAnalyzers>false</RunAnalyzers>
                <UseArtifactsOutput>true</UseArtifactsOutput>
                <ArtifactsPath>$(MSBuildThisFileDirectory)artifacts</ArtifactsPath>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        Write("Orchestrator.slnx", """<Solution><Project Path="Orchestrator.Service/Orchestrator.Service.csproj" /><Project Path="Orchestrator.Tests/Orchestrator.Tests.csproj" /></Solution>""");
        Write("Orchestrator.Local/emulator/package.json", """{ "name": "none", "version": "0.0.0" }""");
        Write("Orchestrator.Local/emulator/package-lock.json", """{ "name": "none", "version": "0.0.0", "lockfileVersion": 3, "packages": { "": { "name": "none", "version": "0.0.0" } } }""");
        Write("Orchestrator.Service/Orchestrator.Service.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>
              <Target Name="TellThatItIsBuilt" AfterTargets="CoreCompile"><WriteLinesToFile File="$(ArtifactsPath)/builds" Lines="one" /></Target>
            </Project>
            """);
        Write("Orchestrator.Service/Program.cs", """
            Console.WriteLine(string.Join('|', args));
            return args.Length;
            """);
        Write("Orchestrator.Tests/Orchestrator.Tests.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <PackageReference Include="Microsoft.NET.Test.Sdk" />
                <PackageReference Include="xunit" />
                <PackageReference Include="xunit.runner.visualstudio" />
              </ItemGroup>
            </Project>
            """);
        const string NeedsData = "[SharedDataFact]"; // not in line below, where the script would count it for the repository
        Write("Orchestrator.Tests/ScratchTests.cs", $$"""
            using Xunit;
            [AttributeUsage(AttributeTargets.Method)]
            public sealed class SharedDataFactAttribute : Attribute;
            public class ScratchTests
            {
                [Fact] public void Passes() { }
                [Fact] public void Passes_too() { }
                [Fact] public void Fails_on_request() => Assert.NotEqual("fail", Environment.GetEnvironmentVariable("SCRATCH"));
                [Fact] public void Crashes_on_request()
                {
                    if (Environment.GetEnvironmentVariable("SCRATCH") == "crash")
                        Environment.FailFast("as asked");
                }
                [Fact] public void Hangs_on_request()
                {
                    var mark = Environment.GetEnvironmentVariable("SCRATCH")!;
                    if (!mark.StartsWith('/'))
                        return;
                    System.IO.File.WriteAllText(mark, "");
                    System.Threading.Thread.Sleep(System.Threading.Timeout.Infinite);
                }
                {{NeedsData}} public void Needs_data() { }
                {{NeedsData}}
                public void Needs_data_too() { }
            }
            """);
    }

    /// <summary>Its root.</summary>
    public string Root => Path.Combine(_folder.Path, "a clone");

    public string At(string file) => Path.Combine(Root, file);

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
        File.WriteAllText(At(file), text);
    }

    public void Dispose() => _folder.Dispose();
}

using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>A page of <c>docs/</c> that is made from the code. <c>ACCEPT_DOCS=1 ./test Generated</c> writes it anew.</summary>
internal static class GeneratedDocument
{
    private const string Accept = "ACCEPT_DOCS";

    public static void IsUpToDate(string path, string text)
    {
        var file = Path.Combine(Repository.Root, path);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(file, text);
        var stored = File.Exists(file) ? File.ReadAllText(file) : "";
        var difference = stored.Split('\n').Zip(text.Split('\n')).FirstOrDefault(lines => lines.First != lines.Second);
        Assert.True(stored == text, $"{path} is not what the code says. Written: {difference.First} Expected: {difference.Second} Read the difference; `{Accept}=1 ./test Generated` writes the page anew.");
    }
}

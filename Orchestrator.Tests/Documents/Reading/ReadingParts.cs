using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Reading;

/// <summary>The reader as the service puts it together, with a folder of the test's own.</summary>
internal sealed class ReadingParts : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly TemporaryFolder _folder = new();

    public ReadingParts(Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure?.Invoke(services);
        services.AddDocumentReading();
        _services = services.BuildServiceProvider();
    }

    public DocumentProber Prober => _services.GetRequiredService<DocumentProber>();

    public DocumentReader Reader => _services.GetRequiredService<DocumentReader>();

    public DocumentCutter Cutter => _services.GetRequiredService<DocumentCutter>();

    public IDocumentExtractor Chain => _services.GetRequiredService<IDocumentExtractor>();

    public ExtractCommand Command => _services.GetRequiredService<ExtractCommand>();

    public ToolRunner Runner => _services.GetRequiredService<ToolRunner>();

    public ChildMemory Memory => _services.GetRequiredService<ChildMemory>();

    public ReadingOptions Options => _services.GetRequiredService<ReadingOptions>();

    /// <summary>A file of the test's own.</summary>
    public string File(string name, byte[] content)
    {
        var path = Path.Combine(_folder.Path, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A path for a file that is yet to be written.</summary>
    public string NewPath(string name) => Path.Combine(_folder.Path, name);

    public Task<DocumentProbe> ProbeAsync(string path) => Prober.ProbeAsync(DocumentFile.At(path), CancellationToken.None);

    public Task<IReadOnlyList<InvoiceReading>> ReadAsync(string path) => Reader.ReadAsync(DocumentFile.At(path), CancellationToken.None);

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }
}

using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading.Probing;
using Orchestrator.Service.Documents.Templates;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>Registers what reads documents.</summary>
public static class ReadingRegistration
{
    /// <summary>
    /// Adds the reader, its parts and the command. <see cref="ToolLimits"/>, <see cref="ReadingOptions"/>, <see cref="TemplateOptions"/> and <see cref="LatencyOptions"/> may be
    /// registered before; otherwise their defaults hold.
    /// </summary>
    public static IServiceCollection AddDocumentReading(this IServiceCollection services)
    {
        services.TryAddDefaults();
        services.AddSingleton<ChildMemory>();
        services.AddSingleton<ToolRunner>();
        services.AddSingleton<PdfTools>();
        services.AddSingleton<DocumentProber>();
        services.AddSingleton<DocumentCutter>();
        services.AddSingleton<XmlExtractor>();
        services.AddSingleton<EmbeddedXmlExtractor>();
        services.AddSingleton(provider => TemplateBook.Load(provider.GetRequiredService<TemplateOptions>()));
        services.AddSingleton<TemplateExtractor>();
        services.AddSingleton<TextExtractor>();
        services.AddSingleton<IDocumentExtractor>(Chain);
        services.AddSingleton<DocumentReader>();
        services.AddSingleton<ExtractCommand>();
        return services;
    }

    private static void TryAddDefaults(this IServiceCollection services)
    {
        services.TryAddSingleton<ToolLimits>();
        services.TryAddSingleton<ReadingOptions>();
        services.TryAddSingleton<LatencyOptions>();
        services.TryAddSingleton<TemplateOptions>();
        services.TryAddSingleton(TimeProvider.System);
    }

    private static IDocumentExtractor Chain(IServiceProvider services)
    {
        // Text order is the order in which they are asked.
        var chain = new ExtractionChain(services.GetRequiredService<DocumentProber>(),
        [
            services.GetRequiredService<XmlExtractor>(),
            services.GetRequiredService<EmbeddedXmlExtractor>(),
            services.GetRequiredService<TemplateExtractor>(),
            services.GetRequiredService<TextExtractor>(),
        ]);
        var latency = services.GetRequiredService<LatencyOptions>();
        return latency.Max > TimeSpan.Zero ? new LatencyExtractor(chain, latency, services.GetRequiredService<TimeProvider>()) : chain;
    }
}

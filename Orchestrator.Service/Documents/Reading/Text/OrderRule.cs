namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>The buyer's order and the invoice that this one corrects, by their labels.</summary>
internal static class OrderRule
{
    public static Field<string>? PurchaseOrder(TextLayout layout) => Labelled(layout, LabelKind.PurchaseOrder);

    public static Field<string>? PrecedingInvoice(TextLayout layout) => Labelled(layout, LabelKind.PrecedingInvoice);

    private static Field<string>? Labelled(TextLayout layout, LabelKind kind)
    {
        for (var index = 0; index < layout.Lines.Count; index++)
        {
            foreach (var label in layout.Lines[index].Labels.Where(label => label.Kind == kind))
            {
                foreach (var place in Surroundings.Of(layout, index, label).Where(place => place.Likelihood > 0.6))
                {
                    if (NumberRule.Take(place.Text, isVague: true) is { } number)
                    {
                        return new Field<string>(number, number, 0.8 * place.Likelihood, FieldSource.Rule, place.Line.Page);
                    }
                }
            }
        }

        return null;
    }
}

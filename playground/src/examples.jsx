import { useEffect } from 'react';
import { ChevronDownIcon, DropdownMenu, useGraphiQL, useGraphiQLActions } from '@graphiql/react';

const editorsOf = ({ queryEditor, variableEditor, headerEditor }) => ({
  queryEditor,
  variableEditor,
  headerEditor,
});

/** A menu of the example queries; choosing one opens it in a new tab. */
export function ExamplesMenu({ examples }) {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor, headerEditor } = useGraphiQL(editorsOf);

  const activeTab = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id);
  // Where the tabs do not all fit, the one that is open must be seen, also when it or the window has changed its size.
  useEffect(() => {
    const tab = document.querySelector('.graphiql-tab-active');
    if (!tab) return undefined;
    const sizes = new ResizeObserver(() => tab.scrollIntoView({ block: 'nearest', inline: 'nearest' }));
    sizes.observe(tab);
    sizes.observe(tab.parentElement);
    return () => sizes.disconnect();
  }, [activeTab]);

  function open({ query, variables, headers }) {
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    headerEditor?.setValue(headers);
    updateActiveTabValues({ query, variables, headers, operationName: null });
  }

  return (
    <DropdownMenu>
      <DropdownMenu.Button className="skuery-examples">
        Examples
        <ChevronDownIcon aria-hidden="true" />
      </DropdownMenu.Button>
      <DropdownMenu.Content align="end">
        {examples.map((example) => (
          <DropdownMenu.Item key={example.name} onSelect={() => open(example)}>
            {example.name}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

// What relay-compiler compiles; the names must begin as this file's does.
import { graphql } from 'relay-runtime';

graphql`
  query documentsProductsQuery($count: Int!) {
    ...documentsProducts @arguments(count: $count)
  }
`;

graphql`
  fragment documentsProducts on Query
    @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
    @refetchable(queryName: "documentsPageQuery") {
    products(first: $count, after: $cursor) @connection(key: "documents_products") {
      edges { node { id ...documentsProduct } }
    }
  }
`;

graphql`
  fragment documentsProduct on Product @refetchable(queryName: "documentsProductRefetchQuery") {
    id
    name
  }
`;

graphql`
  subscription documentsStockSubscription($skus: [String!]!) {
    availabilityChanged(skus: $skus) { sku availability { status quantity } }
  }
`;

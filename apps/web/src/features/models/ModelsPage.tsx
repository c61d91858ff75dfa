'use client';

import { Hydrated } from '../../ui/Hydrated';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { ModelBrowser } from './ModelBrowser';

export function ModelsPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <ModelBrowser />
    </Hydrated>
  );
}
